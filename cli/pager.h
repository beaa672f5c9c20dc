// Holds long output back a page at a time, as ` --More-- ` shows it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace culvert::cli {

class Pager {
 public:
  static constexpr std::string_view prompt = " --More-- ";

  // A new command starts; its pages have `lines` lines with the one of the prompt. 0 = nothing is ever held back.
  void start(std::size_t lines);
  // Takes text, gives what is to be shown now.
  std::string feed(std::string_view text);
  // Whether text is held back until a key comes.
  bool waiting() const { return !held_.empty(); }
  // The key that was hit at the prompt: space for a page, Enter (an empty text) for a line, others for no more at all.
  std::string key(std::string_view text);
  // Shows nothing more of this command.
  void quit();

 private:
  std::string take();  // as much of held_ as the page has room for

  std::size_t page_ = 0;  // lines of a page, 0 = endless
  std::size_t room_ = 0;  // lines left on this one
  bool discarding_ = false;
  std::string held_;
};

}  // namespace culvert::cli
