// The configuration as IOS text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "config-store/store.h"
#include "config-store/tables.h"

namespace culvert::config {

class Renderer {
 public:
  Renderer(const Registry& registry, Tables& tables, RenderOptions options)
      : registry_(registry), tables_(tables), options_(options), records_(registry.sections().size()) {}

  std::string everything();
  std::string one(ModeId mode, const Key& key);

 private:
  struct Item {  // a leaf or a mode inside a mode
    int order;
    SectionId section;
    std::size_t leaf;
    ModeId child;               // global = it is a leaf
    bool line_by_line = false;  // of a child: its rows that are shown so, or the others
  };
  std::vector<Item> items(ModeId mode) const;
  const std::map<Key, Record>& records(SectionId section);
  const LeafValue& value(SectionId section, std::size_t leaf, const Key& key);
  void leaf(const Item& item, const Key& key, std::size_t indent);
  std::vector<const Key*> keys_below(ModeId child, const Key& parent);
  std::string line_prefix(ModeId mode, const Key& key);
  void blocks(ModeId child, const Key& parent, std::size_t indent);
  void lines(ModeId child, const Key& parent);
  void block(ModeId mode, const Key& key, std::size_t indent);
  void line(std::size_t indent, const std::string& text, bool trailing_space);
  std::string entering_line(ModeId mode, const Key& key);
  std::string spelled(const Leaf& leaf, const parser::Arguments& arguments) const;
  std::string absent(const Leaf& leaf) const;

  const Registry& registry_;
  Tables& tables_;
  RenderOptions options_;
  std::vector<std::optional<std::map<Key, Record>>> records_;  // by section, read when first needed
  std::string prefix_;                                         // of the lines of a row that is shown line by line
  std::string text_;
};

}  // namespace culvert::config
