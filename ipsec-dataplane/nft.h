// nftables by its own program: rules in, an error line out.
#pragma once

#include <expected>
#include <string>

namespace culvert::dataplane {

// Runs `nft -f -` with `rules` on its standard input and waits for it. The error is what nft said first.
std::expected<void, std::string> run_nft(const std::string& rules);

}  // namespace culvert::dataplane
