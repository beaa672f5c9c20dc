#include "ipsec-dataplane/crypto_engine.h"

#include "ipsec-dataplane/esp.h"
#include "net/try.h"

namespace culvert::dataplane {

std::expected<std::vector<std::shared_ptr<CryptoEngine>>, std::string> start_crypto(unsigned workers,
                                                                                    unsigned associations_max,
                                                                                    Instructions instructions) {
  const auto library = TRY(MultiBuffer::start(associations_max, instructions));
  std::vector<std::shared_ptr<CryptoEngine>> engines;
  for (unsigned worker = 0; worker < workers; ++worker) {
    auto sealing = TRY(library->make_manager());
    auto opening = TRY(library->make_manager());
    engines.push_back(std::make_shared<CryptoEngine>(library, std::move(sealing), std::move(opening)));
  }
  return engines;
}

}  // namespace culvert::dataplane
