#include "ipsec-dataplane/cipher_lanes.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "ipsec-dataplane/lane_keys.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint64_t upper_half_octets = 4;  // no ICV is shorter

std::uint8_t* octets(std::byte* at) { return reinterpret_cast<std::uint8_t*>(at); }

bool seals(const IMB_JOB& work) { return work.cipher_direction == IMB_DIR_ENCRYPT; }

}  // namespace

CipherLanes::CipherLanes(LaneManager manager) : manager_(std::move(manager)) {
  for (std::size_t i = 0; i < capacity; ++i) free_[i] = static_cast<std::uint8_t>(i);
}

std::span<const EspJob> CipherLanes::submit(const EspJob& job) {
  finished_count_ = 0;
  if (free_count_ == 0) take(*IMB_FLUSH_JOB(manager_.get()));
  fed_ = true;
  auto& slot = slots_[free_[--free_count_]];
  auto* work = IMB_GET_NEXT_JOB(manager_.get());
  fill(*work, job, slot);
  slot.job = job;
  work = IMB_SUBMIT_JOB_NOCHECK(manager_.get());
  for (; work != nullptr; work = IMB_GET_COMPLETED_JOB(manager_.get())) take(*work);
  return std::span(finished_).first(finished_count_);
}

std::span<const EspJob> CipherLanes::flush() {
  finished_count_ = 0;
  while (const auto* work = IMB_FLUSH_JOB(manager_.get())) take(*work);
  assert(empty());
  return std::span(finished_).first(finished_count_);
}

void CipherLanes::fill(IMB_JOB& work, const EspJob& job, Slot& slot) {
  const auto& cipher = *job.sa->algorithms().cipher;
  const auto text = job.text();
  std::memcpy(&work, &job.sa->keys().lanes()->job(), sizeof work);
  work.user_data = &slot;
  work.src = octets(job.esp());
  work.dst = octets(text.data());
  work.cipher_start_src_offset_in_bytes = static_cast<std::uint64_t>(text.data() - job.esp());
  work.msg_len_to_cipher_in_bytes = text.size();
  work.auth_tag_output = octets(seals(work) ? job.icv() : slot.icv.data());
  work.iv = octets(job.iv());
  if (cipher.counts_ivs()) fill_nonce(work, job, slot);
  fill_authenticated(work, job, slot);
}

// The first counter block: salt, IV, and a counter that begins at 1 (RFC 3686 section 4). ChaCha20 has a counter of its
// own and reads salt and IV alone.
void CipherLanes::fill_nonce(IMB_JOB& work, const EspJob& job, Slot& slot) {
  constexpr std::array counter{std::byte{0}, std::byte{0}, std::byte{0}, std::byte{1}};
  std::memcpy(slot.nonce.data(), job.sa->salt().data(), 4);
  std::memcpy(slot.nonce.data() + 4, job.iv(), 8);
  std::memcpy(slot.nonce.data() + 12, counter.data(), 4);
  work.iv = octets(slot.nonce.data());
}

void CipherLanes::fill_authenticated(IMB_JOB& work, const EspJob& job, Slot& slot) {
  const auto& sa = *job.sa;
  if (sa.algorithms().cipher->combined()) {
    work.hash_start_src_offset_in_bytes = work.cipher_start_src_offset_in_bytes;
    work.msg_len_to_hash_in_bytes = job.text_length;
    work.u.CHACHA20_POLY1305.aad = associated_data(job, slot.associated).data();
    return;
  }
  work.msg_len_to_hash_in_bytes = work.cipher_start_src_offset_in_bytes + job.text_length;
  if (!sa.extended()) return;
  // The upper half of the number is authenticated as if it followed the text (RFC 4303 section 2.2.1).
  if (!seals(work)) std::memcpy(slot.received.data(), job.icv(), sa.format().icv);
  put_upper_half(job.icv(), job.sequence);
  work.msg_len_to_hash_in_bytes += upper_half_octets;
}

Ciphered CipherLanes::judge(const IMB_JOB& work, const Slot& slot) {
  if (work.status != IMB_STATUS_COMPLETED) return Ciphered::failed;
  if (seals(work)) return Ciphered::done;
  const auto& sa = *slot.job.sa;
  const bool covered = sa.extended() && !sa.algorithms().cipher->combined();  // by the upper half of the number
  const auto* const received = covered ? slot.received.data() : slot.job.icv();
  return equal_icvs(slot.icv.data(), received, sa.format().icv) ? Ciphered::done : Ciphered::bad_icv;
}

void CipherLanes::take(const IMB_JOB& work) {
  auto& slot = *static_cast<Slot*>(work.user_data);
  auto& job = finished_[finished_count_++];
  job = slot.job;
  job.result = judge(work, slot);
  free_[free_count_++] = static_cast<std::uint8_t>(&slot - slots_.data());
}

}  // namespace culvert::dataplane
