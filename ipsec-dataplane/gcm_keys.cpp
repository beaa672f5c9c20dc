#include "ipsec-dataplane/gcm_keys.h"

#include <strings.h>

namespace culvert::dataplane {

GcmKeys::GcmKeys(const MultiBuffer& library, const SaParameters& parameters, const CipherFacts& cipher) {
  const auto& m = library.schedules();
  const bool seals = parameters.direction == SaDirection::outbound;
  const auto use = [&](aes_gcm_pre_t expand, aes_gcm_enc_dec_t encrypt, aes_gcm_enc_dec_t decrypt) {
    expand(parameters.cipher_key.view().data(), &schedule_);
    run_ = seals ? encrypt : decrypt;
  };
  switch (cipher.key()) {
    case IMB_GCM_128_KEY_LEN: use(m.gcm128_pre, m.gcm128_enc, m.gcm128_dec); break;
    case IMB_GCM_192_KEY_LEN: use(m.gcm192_pre, m.gcm192_enc, m.gcm192_dec); break;
    default: use(m.gcm256_pre, m.gcm256_enc, m.gcm256_dec);
  }
}

GcmKeys::~GcmKeys() { explicit_bzero(&schedule_, sizeof schedule_); }

}  // namespace culvert::dataplane
