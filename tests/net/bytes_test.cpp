#include "net/bytes.h"

#include <gtest/gtest.h>

namespace culvert::net {
namespace {

TEST(Bytes, WriterAndReaderAgree) {
  Bytes out;
  Writer w(out);
  w.u8(1);
  w.u16(0x0203);
  w.u32(0x04050607);
  w.u64(0x08090a0b0c0d0e0f);
  w.bytes(as_view("xy"));
  w.patch_u16(1, 0xfffe);
  Reader r(out);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16(), 0xfffe);
  EXPECT_EQ(r.u32(), 0x04050607u);
  EXPECT_EQ(r.u64(), 0x08090a0b0c0d0e0fu);
  EXPECT_EQ(r.take(3), std::nullopt) << "a short read takes nothing";
  EXPECT_EQ(r.rest().size(), 2u);
  EXPECT_TRUE(r.empty());
  EXPECT_FALSE(r.u8());
}

}  // namespace
}  // namespace culvert::net
