#include "cli/pager.h"

#include <algorithm>
#include <utility>

namespace culvert::cli {

void Pager::start(std::size_t lines) {
  page_ = lines == 0 ? 0 : std::max<std::size_t>(lines, 2) - 1;
  room_ = page_;
  discarding_ = false;
  held_.clear();
}

std::string Pager::feed(std::string_view text) {
  if (discarding_) return {};
  if (page_ == 0) return std::string(text);
  if (waiting()) {
    held_ += text;
    return {};
  }
  held_ += text;
  return take();
}

std::string Pager::take() {
  std::size_t end = 0;
  while (room_ > 0 && end < held_.size()) {
    const auto line_end = held_.find('\n', end);
    end = line_end == std::string::npos ? held_.size() : line_end + 1;
    if (line_end != std::string::npos) --room_;
  }
  auto shown = held_.substr(0, end);
  held_.erase(0, end);
  return shown;
}

std::string Pager::key(std::string_view text) {
  if (text == " ") {
    room_ = page_;
  } else if (text.empty()) {
    room_ = 1;
  } else {
    quit();
  }
  return take();
}

void Pager::quit() {
  discarding_ = true;
  held_.clear();
}

}  // namespace culvert::cli
