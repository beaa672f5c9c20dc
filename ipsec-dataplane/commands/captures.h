// Capture points: `monitor capture`, as IOS-XE 17 has it, over the taps of the dataplane.
//
// A capture point is made by the first command that names it, has one interface, and keeps what its tap delivers in a
// buffer of bounded size. Nothing of it is configuration: it is gone after a reload.
#pragma once

#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipsec-dataplane/capture_tap.h"
#include "ipsec-dataplane/pcap.h"
#include "net/time.h"

namespace culvert::dataplane {

struct CaptureLimits {
  std::uint32_t packets = 0;        // 0: no limit
  std::uint32_t duration_s = 0;     // 0: no limit
  std::uint32_t packet_octets = 0;  // 0: tap_octets_max
};

struct CapturedPacket {
  net::WallTime when;
  TapDirection direction{};
  std::uint32_t size_octets = 0;
  net::Bytes octets;
};

struct CapturePoint {
  std::optional<std::string> interface;
  bool in = true, out = true;
  std::optional<TapFilter> filter;
  std::string source_text = "any", destination_text = "any", protocol_text = "any";
  std::uint32_t buffer_mb = 10;
  bool circular = false;
  CaptureLimits limits;

  std::shared_ptr<Tap> tap;  // while it runs
  net::WallTime started;
  std::deque<CapturedPacket> packets;
  std::size_t octets = 0;              // of the buffer that are used
  std::uint64_t dropped = 0;           // found no room in the buffer, or did not reach it
  std::uint64_t captured = 0;          // since it was started
  LinkType link = LinkType::ethernet;  // of what is in the buffer
};

class Captures {
 public:
  struct Hooks {
    // nullptr: there is no such interface, or none that packets pass.
    std::function<std::shared_ptr<Tap>(const TapOptions& options)> start;
    std::function<void(const std::shared_ptr<Tap>& tap)> stop;
    std::function<net::WallTime()> wall;
    std::function<void(const std::string& mnemonic, const std::string& text)> log;  // BUFCAP, severity 6
  };
  explicit Captures(Hooks hooks) : hooks_(std::move(hooks)) {}

  static constexpr std::size_t points_max = 8;
  static constexpr std::size_t name_size_max = 32;

  // The point of that name, made where there is none. The error is a line for the user: there are too many, or it runs
  // and must be stopped first.
  std::expected<CapturePoint*, std::string> edit(const std::string& name);
  CapturePoint* find(const std::string& name);
  const std::map<std::string, CapturePoint>& all() const { return points_; }
  std::expected<void, std::string> start(const std::string& name);
  // False where it does not run.
  bool stop(const std::string& name);
  void remove(const std::string& name);
  // Takes what the taps have, and stops what has reached a limit. Once a turn, and before anything is shown.
  void service();

 private:
  void drain(CapturePoint& point);
  void keep(CapturePoint& point, Tapped tapped);
  bool is_over(const CapturePoint& point) const;
  void end(const std::string& name, CapturePoint& point);

  Hooks hooks_;
  std::map<std::string, CapturePoint> points_;
};

// The texts of `show monitor capture`.
std::string show_capture(const std::string& name, const CapturePoint& point);
std::string show_capture_buffer(const CapturePoint& point);
std::string show_capture_brief(const CapturePoint& point);
std::string show_capture_dump(const CapturePoint& point);

}  // namespace culvert::dataplane
