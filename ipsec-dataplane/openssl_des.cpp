#include "ipsec-dataplane/openssl_des.h"

#include <openssl/evp.h>

namespace culvert::dataplane {
namespace {

const unsigned char* octets(const std::byte* at) { return reinterpret_cast<const unsigned char*>(at); }

}  // namespace

void OpensslDes::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

std::expected<std::unique_ptr<OpensslDes>, std::string> OpensslDes::make(const SaParameters& parameters) {
  std::unique_ptr<OpensslDes> des(new OpensslDes);
  des->context_.reset(EVP_CIPHER_CTX_new());
  auto* context = des->context_.get();
  const int seals = parameters.direction == SaDirection::outbound ? 1 : 0;
  if (context == nullptr || EVP_CipherInit_ex(context, EVP_des_ede3_cbc(), nullptr,
                                              octets(parameters.cipher_key.view().data()), nullptr, seals) != 1)
    return std::unexpected("OpenSSL has no 3DES-CBC");
  EVP_CIPHER_CTX_set_padding(context, 0);
  return des;
}

void OpensslDes::serve(IMB_JOB& job) {
  job.cipher_mode = IMB_CIPHER_CUSTOM;
  job.cipher_func = run;
  job.enc_keys = job.dec_keys = context_.get();
}

// 0: it is done.
int OpensslDes::run(IMB_JOB* job) {
  auto* context = static_cast<evp_cipher_ctx_st*>(const_cast<void*>(job->enc_keys));
  int done = 0;
  if (EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, job->iv, -1) != 1) return 1;
  const auto* text = job->src + job->cipher_start_src_offset_in_bytes;
  return EVP_CipherUpdate(context, job->dst, &done, text, static_cast<int>(job->msg_len_to_cipher_in_bytes)) == 1 ? 0
                                                                                                                  : 1;
}

}  // namespace culvert::dataplane
