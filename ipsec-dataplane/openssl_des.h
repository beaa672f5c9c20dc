// Triple DES by OpenSSL, for processors on which the lanes of ipsec-mb are about forty times slower.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "ipsec-dataplane/ipsec_mb.h"
#include "ipsec-dataplane/sa_parameters.h"

struct evp_cipher_ctx_st;

namespace culvert::dataplane {

// One SA's key; used by one worker.
class OpensslDes {
 public:
  // Control thread. Error: OpenSSL has no triple DES.
  static std::expected<std::unique_ptr<OpensslDes>, std::string> make(const SaParameters& parameters);

  // Jobs copied from this one have their text encrypted or decrypted here.
  void serve(IMB_JOB& job);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* context) const;
  };
  OpensslDes() = default;
  static int run(IMB_JOB* job);

  std::unique_ptr<evp_cipher_ctx_st, Free> context_;
};

}  // namespace culvert::dataplane
