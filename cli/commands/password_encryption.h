// `service password-encryption`: passwords that were typed plain are kept as type 7, which hides them from a glance.
#pragma once

#include <string>

#include "config-store/definition.h"
#include "net/random.h"

namespace culvert::cli {

struct PasswordEncryption {
  bool on = false;
  bool operator==(const PasswordEncryption&) const = default;
};

config::SectionDefinition password_encryption_definition();

// The lines that put what is plain in `configuration` and to be hidden in the place of itself; "" where there is
// nothing to hide.
std::string lines_that_hide(const config::View& configuration, net::Random& random);

}  // namespace culvert::cli
