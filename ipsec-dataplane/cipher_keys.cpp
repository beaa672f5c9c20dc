#include "ipsec-dataplane/cipher_keys.h"

#include <utility>

#include "ipsec-dataplane/gcm_keys.h"
#include "ipsec-dataplane/lane_keys.h"
#include "net/try.h"

namespace culvert::dataplane {

CipherKeys::CipherKeys(std::shared_ptr<MultiBuffer> library) : library_(std::move(library)) {}
CipherKeys::CipherKeys(CipherKeys&&) noexcept = default;
CipherKeys::~CipherKeys() {
  if (library_ != nullptr) library_->give_place_back();
}

std::expected<CipherKeys, std::string> CipherKeys::make(std::shared_ptr<MultiBuffer> library,
                                                        const SaParameters& parameters,
                                                        const EspAlgorithms& algorithms) {
  if (!library->take_place()) return std::unexpected("no place for its keys: too many security associations");
  CipherKeys keys(std::move(library));
  if (algorithms.cipher->cipher == EspCipher::aes_gcm_16)
    keys.gcm_ = std::make_unique<GcmKeys>(*keys.library_, parameters, *algorithms.cipher);
  else
    keys.lanes_ = TRY(LaneKeys::make(*keys.library_, parameters, algorithms));
  return keys;
}

}  // namespace culvert::dataplane
