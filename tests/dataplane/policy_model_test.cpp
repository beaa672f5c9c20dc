// The stages of crypto policies beside a model that cannot be wrong: entry by entry, line by line, without caches,
// classifiers or batches. And policies that change while a worker runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "ipsec-dataplane/forwarding.h"
#include "ipsec-dataplane/policy.h"
#include "ipsec-dataplane/policy_work.h"
#include "net/random.h"
#include "tests/dataplane/policies.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane::test {
namespace {

constexpr InterfaceIndex outside = 2, first_entry = 10;
constexpr std::uint16_t to_outside = 2;  // an adjacency of the plane

struct ModelEntry {
  InterfaceIndex place = no_interface;
  std::vector<PolicyLine> lines;
};
using Model = std::vector<ModelEntry>;

struct Flow {
  std::uint32_t source, destination;
  std::uint8_t protocol;
  std::uint16_t source_port, destination_port;
  bool fragment;  // without ports
};

bool takes(const PolicyLine& line, const Flow& flow) {
  if ((line.source ^ flow.source) & line.source_mask) return false;
  if ((line.destination ^ flow.destination) & line.destination_mask) return false;
  if (line.protocol != 0 && line.protocol != flow.protocol) return false;
  if (line.source_port != 0 && line.source_port != flow.source_port) return false;
  return line.destination_port == 0 || line.destination_port == flow.destination_port;
}

// The entry that protects the flow; nullptr where it is clear.
const ModelEntry* protector(const Model& model, const Flow& flow, bool inbound) {
  for (const auto& entry : model)
    for (const auto& line : entry.lines)
      if (takes(inbound ? mirrored(line) : line, flow)) {
        if (line.permit) return &entry;
        break;
      }
  return nullptr;
}

bool has_ports(const Model& model) {
  for (const auto& entry : model)
    for (const auto& line : entry.lines)
      if (line.source_port != 0 || line.destination_port != 0) return true;
  return false;
}

class Drawn {
 public:
  explicit Drawn(std::uint64_t seed) : random(seed) {}
  // 10.0.0.0 to 10.3.3.3, so that lines and packets often meet.
  std::uint32_t address() {
    const auto r = random.u64();
    return 0x0a000000u | static_cast<std::uint32_t>((r & 3) << 16 | (r >> 2 & 3) << 8 | (r >> 4 & 3));
  }
  std::uint32_t mask() {
    constexpr std::uint32_t masks[]{0, 0xff000000, 0xffff0000, 0xffffff00, 0xffffffff, 0x00000003, 0xfffffffe};
    return masks[random.below(std::size(masks))];
  }
  PolicyLine line(bool ports) {
    PolicyLine made{.permit = random.below(3) != 0,
                    .source = address(),
                    .source_mask = mask(),
                    .destination = address(),
                    .destination_mask = mask()};
    if (random.below(2) == 0) made.protocol = random.below(2) == 0 ? 17 : 6;
    if (!ports || made.protocol == 0) return made;
    made.source_port = static_cast<std::uint16_t>(random.below(3));
    made.destination_port = static_cast<std::uint16_t>(random.below(3));
    return made;
  }
  Model model() {
    Model made(random.below(6));
    const bool ports = random.below(2) == 0;
    InterfaceIndex place = first_entry;
    for (auto& entry : made) {
      if (random.below(8) != 0) entry.place = place++;
      for (auto count = random.below(12); count > 0; --count) entry.lines.push_back(line(ports));
    }
    return made;
  }
  Flow flow() {
    constexpr std::uint8_t protocols[]{1, 6, 17, 47};
    Flow made{address(), address(), protocols[random.below(4)], 0, 0, random.below(10) == 0};
    if (made.protocol == 1 || made.protocol == 47 || made.fragment) return made;
    made.source_port = static_cast<std::uint16_t>(1 + random.below(3));
    made.destination_port = static_cast<std::uint16_t>(1 + random.below(3));
    return made;
  }
  net::SeededRandom random;
};

std::shared_ptr<const CryptoPolicy> built(const Model& model) {
  std::vector<CryptoPolicyEntry> entries;
  for (const auto& entry : model)
    entries.push_back(entry_of(entry.place == no_interface ? "" : std::to_string(entry.place), entry.lines));
  return policy_of(std::move(entries));
}

// One packet, written anew for every flow.
class Subject {
 public:
  Subject() {
    plane.worker.policies = work.get();
    plane.arrive(framed(build({.options = {}, .payload = net::Bytes(20)})));
  }
  Packet& packet(const Flow& flow) {
    auto& p = (*plane.burst)[0];
    auto& ip = ipv4(p);
    ip.src_addr = rte_cpu_to_be_32(flow.source);
    ip.dst_addr = rte_cpu_to_be_32(flow.destination);
    ip.next_proto_id = flow.protocol;
    ip.fragment_offset = flow.fragment ? rte_cpu_to_be_16(185) : 0;
    auto* ports = rte_pktmbuf_mtod_offset(&p, std::uint16_t*, 20);
    ports[0] = rte_cpu_to_be_16(flow.source_port);
    ports[1] = rte_cpu_to_be_16(flow.destination_port);
    meta(p) = Meta{.header_length = 20};
    return p;
  }
  Meta leaves(const Flow& flow) {
    auto* p = &packet(flow);
    meta(*p).step = Step::route;
    meta(*p).interface = 1;
    meta(*p).adjacency = to_outside;
    policy_out({&p, 1}, plane.tables, plane.worker);
    return meta(*p);
  }
  Meta arrives(const Flow& flow, InterfaceIndex opened_by) {
    auto& m = meta(packet(flow));
    m.step = Step::classify;
    m.interface = opened_by == no_interface ? outside : opened_by;
    if (opened_by != no_interface) m.flags = flag::decrypted;
    policy_in(*plane.burst, plane.tables, plane.worker);
    return m;
  }
  Plane plane;
  std::unique_ptr<PolicyWork> work = std::make_unique<PolicyWork>(0);
};

// What should become of it, as a word; `protector` is that of the mirrored policy where the packet arrives.
std::string leaving(const ModelEntry* protector, const Flow& flow, bool ports) {
  if (flow.fragment && (ports || protector != nullptr)) return "whole first";
  if (protector == nullptr) return "clear";
  return protector->place == no_interface ? "blocked" : "by " + std::to_string(protector->place);
}
std::string arriving(const ModelEntry* protector, const Flow& flow, bool ports, InterfaceIndex opened_by) {
  constexpr std::uint32_t routers[]{0x0a010001, 0x0a020001, 0x0a030001};
  const bool to_router = std::ranges::find(routers, flow.destination) != std::end(routers);
  if (flow.fragment && to_router && opened_by == no_interface) return "goes on";  // and comes again when it is whole
  if (flow.fragment && ports) return "whole first";
  const bool right =
      opened_by == no_interface ? protector == nullptr : protector != nullptr && protector->place == opened_by;
  return right ? "goes on" : opened_by == no_interface ? "was clear" : "wrong SA";
}

std::string seen_leaving(const Meta& m) {
  if (m.step == Step::reassemble) return "whole first";
  if (m.step == Step::punt && m.punt == PuntReason::want_sa) return "by " + std::to_string(m.protected_by);
  return m.step == Step::route ? "clear" : m.drop == Drop::policy_blocked ? "blocked" : "?";
}
std::string seen_arriving(const Meta& m) {
  if (m.step == Step::reassemble) return "whole first";
  if (m.step == Step::classify && m.interface == outside) return "goes on";
  return m.drop == Drop::clear_of_protected ? "was clear" : m.drop == Drop::outside_policy ? "wrong SA" : "?";
}

TEST(PolicyModel, AMillionPacketsFareAsTheModelSays) {
  const auto seed = culvert::test::seed(20'400);
  const auto repeat =
      culvert::test::repeat(seed, "out/debug/dataplane_test", "PolicyModel.AMillionPacketsFareAsTheModelSays");
  Drawn drawn(seed);
  Subject subject;
  std::size_t is_protected = 0;
  for (int round = 0; round < 500; ++round) {
    const auto model = drawn.model();
    apply(subject.plane.tables, outside, built(model));
    const bool ports = has_ports(model);
    for (int i = 0; i < 2000; ++i) {
      const auto flow = drawn.flow();
      if (i % 2 == 0) {
        const auto* entry = protector(model, flow, false);
        is_protected += entry != nullptr;
        ASSERT_EQ(seen_leaving(subject.leaves(flow)), leaving(entry, flow, ports))
            << "round " << round << ", " << repeat;
        continue;
      }
      const auto opened =
          drawn.random.below(2) == 0 ? no_interface : static_cast<InterfaceIndex>(first_entry + drawn.random.below(3));
      if (opened != no_interface && subject.plane.tables.interface(opened).policy_on != outside) continue;
      ASSERT_EQ(seen_arriving(subject.arrives(flow, opened)),
                arriving(protector(model, flow, true), flow, ports, opened))
          << "round " << round << ", " << repeat;
    }
  }
  EXPECT_GT(is_protected, 50'000u);
}

// Every policy of this test protects the flow, by one entry or another or by none that has an SA.
std::shared_ptr<const CryptoPolicy> protecting(std::uint64_t which) {
  const auto line = between(1, 2);
  switch (which % 4) {
    case 0: return policy_of({entry_of("MAP 10 Gi0/1", {line})});
    case 1: return policy_of({entry_of("MAP 5 Gi0/1", {between(3, 2)}), entry_of("MAP 20 Gi0/1", {everything()})});
    case 2: return policy_of({entry_of("", {line})});
    default: return policy_of({entry_of("MAP 10 Gi0/1", {between(1, 2, false)}), entry_of("MAP 20 Gi0/1", {line})});
  }
}

ForwardingConfig with_policy(std::shared_ptr<const CryptoPolicy> policy) {
  const auto at = [](const char* text) { return std::vector{*net::Prefix::parse(text)}; };
  return {{{.name = "Gi0/0", .up = true, .addresses = at("10.1.0.1/24")},
           {.name = "Gi0/1", .up = true, .addresses = at("10.2.0.1/24"), .crypto_policy = std::move(policy)}}};
}

TEST(PolicyModel, NothingIsClearWhilePoliciesChangeUnderAWorker) {
  TablePublisher publisher(1);
  Forwarding forwarding(Fib::create().value(), publisher,
                        {{.name = "Gi0/0", .id = 0, .mac = own_mac}, {.name = "Gi0/1", .id = 1, .mac = own_mac}});
  forwarding.apply(with_policy(protecting(0)));
  const auto next = std::make_shared<const NextHops>(NextHops{{"Gi0/1", net::Address::v4(0x0a020002)}});
  ASSERT_TRUE(forwarding.update_routes({{*net::Prefix::parse("10.2.0.0/24"), next}}));
  Subject subject;
  std::atomic<bool> running = true;
  std::size_t clear = 0, asked = 0, blocked = 0;
  std::atomic<std::size_t> judged = 0;
  std::thread worker([&] {
    publisher.online(0);
    while (running) {
      const auto& tables = publisher.pin(0);
      auto* p = &subject.packet({0x0a010002, 0x0a020002, 17, 4, 9, false});
      meta(*p).step = Step::route;
      meta(*p).interface = 1;
      meta(*p).adjacency = tables.fib.lookup(0x0a020002);
      policy_out({&p, 1}, tables, subject.plane.worker);
      clear += meta(*p).step == Step::route;
      asked += meta(*p).step == Step::punt;
      blocked += meta(*p).drop == Drop::policy_blocked;
      ++judged;
    }
    publisher.offline(0);
  });
  for (std::uint64_t i = 0; i < 2000; ++i) {
    forwarding.apply(with_policy(protecting(i)));
    publisher.collect();
    for (const auto before = judged.load(); judged == before;) std::this_thread::yield();
  }
  running = false;
  worker.join();
  publisher.collect();
  EXPECT_EQ(clear, 0u);
  EXPECT_EQ(asked + blocked, judged);
  EXPECT_GT(asked, 100u);
  EXPECT_GT(blocked, 100u);
}

}  // namespace
}  // namespace culvert::dataplane::test
