// Waiting for a router to come up.
#pragma once

#include <chrono>
#include <filesystem>

namespace culvert::cli {

// True as soon as a session at `socket` prompts, which a router does once it has loaded its configuration; false when
// `patience` is over.
bool wait_ready(const std::filesystem::path& socket, std::chrono::milliseconds patience);

}  // namespace culvert::cli
