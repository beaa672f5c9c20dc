#include "config-store/render.h"

#include <algorithm>

#include "config-store/natural_order.h"
#include "config-store/store_impl.h"

namespace culvert::config {
bool listed_before(const ModeDefinition& mode, const Key& a, const Key& b) {
  if (!mode.less) return std::ranges::lexicographical_compare(a.parts, b.parts, natural_before);
  if (mode.less(a, b)) return true;
  return !mode.less(b, a) && a < b;
}

std::string Renderer::everything() {
  const auto all = items(Registry::global);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto before = text_.size();
    if (all[i].child != Registry::global) {
      all[i].line_by_line ? lines(all[i].child, {}) : blocks(all[i].child, {}, 0);
      continue;
    }
    leaf(all[i], {}, 0);
    while (i + 1 < all.size() && all[i + 1].child == Registry::global && all[i + 1].order == all[i].order)
      leaf(all[++i], {}, 0);
    if (text_.size() != before) line(0, "!", false);
  }
  return std::move(text_);
}

std::string Renderer::one(ModeId mode, const Key& key) {
  if (tables_.has_row(own_section(registry_.mode(mode)), key)) block(mode, key, 0);
  return std::move(text_);
}

std::vector<Renderer::Item> Renderer::items(ModeId id) const {
  const auto& mode = registry_.mode(id);
  std::multimap<int, Item> by_order;  // equal numbers stay as they were added
  for (const auto section : mode.sections)
    for (std::size_t i = 0; i < registry_.section(section).leaves.size(); ++i) {
      const auto& leaf = registry_.section(section).leaves[i];
      if (leaf.kind != LeafKind::entry && is_stored(leaf.kind))
        by_order.emplace(leaf.order, Item{leaf.order, section, i, Registry::global});
    }
  for (const auto child : mode.children) {
    const auto& below = registry_.mode(child).definition;
    by_order.emplace(below.order, Item{below.order, 0, 0, child});
    if (below.line_prefix) by_order.emplace(below.lines_order, Item{below.lines_order, 0, 0, child, true});
  }
  std::vector<Item> all;
  for (const auto& [order, item] : by_order) all.push_back(item);
  return all;
}

const std::map<Key, Record>& Renderer::records(SectionId section) {
  auto& kept = records_[section];
  if (!kept) {
    kept.emplace();
    for (const auto& [key, row] : tables_.read(section, {}))
      kept->emplace_hint(kept->end(), key, decode(registry_.section(section), key, row));
  }
  return *kept;
}

const LeafValue& Renderer::value(SectionId section, std::size_t leaf, const Key& key) {
  static const LeafValue nothing;
  const auto& all = records(section);
  const auto found = all.find(key);
  return found == all.end() ? nothing : found->second.values[leaf];
}

void Renderer::leaf(const Item& item, const Key& key, std::size_t indent) {
  const auto& definition = registry_.section(item.section).leaves[item.leaf];
  auto commands = value(item.section, item.leaf, key);
  if (definition.before) std::ranges::stable_sort(commands, definition.before);
  std::vector<std::string> lines;
  for (const auto& command : commands)
    lines.push_back((definition.on_by_default || command.has(said_by_no) ? "no " : "") + spelled(definition, command));
  if (definition.sorted) std::ranges::sort(lines, natural_before);
  if (lines.empty())
    if (auto text = absent(definition); !text.empty()) lines.push_back(std::move(text));
  for (const auto& text : lines) line(indent, text, definition.trailing_space);
}

std::string Renderer::absent(const Leaf& leaf) const {
  if (!leaf.render_absent.empty()) return leaf.render_absent;
  if (!options_.all) return {};
  if (leaf.default_) return spelled(leaf, *leaf.default_);
  if (leaf.kind == LeafKind::flag) return (leaf.on_by_default ? "" : "no ") + spelled(leaf, {});
  return {};
}

std::string Renderer::spelled(const Leaf& leaf, const parser::Arguments& all) const {
  parser::Arguments arguments;
  for (const auto& argument : all.all())
    if (argument.name != said_by_no &&
        (prefix_.empty() || std::ranges::find(leaf.block_only, argument.name) == leaf.block_only.end()))
      arguments.add(argument.name, argument.text);
  if (!options_.hide_secrets || leaf.secret.empty()) return leaf.spec->render(arguments);
  parser::Arguments shown;
  for (const auto& argument : arguments.all()) {
    const bool secret = std::ranges::find(leaf.secret, argument.name) != leaf.secret.end();
    shown.add(argument.name, secret ? "<hidden>" : argument.text);
  }
  if (auto text = leaf.spec->render(shown); !text.empty()) return text;
  auto words = leaf.spec->text();  // a type that no placeholder fits: nothing but the leading keywords can be shown
  return words.substr(0, words.find_first_of("<[(")) + "<hidden>";
}

std::vector<const Key*> Renderer::keys_below(ModeId child, const Key& parent) {
  const auto& mode = registry_.mode(child);
  std::vector<const Key*> keys;
  const auto& all = records(own_section(mode));
  for (auto row = all.lower_bound(parent); row != all.end(); ++row) {
    const auto& parts = row->first.parts;
    if (!std::equal(parent.parts.begin(), parent.parts.end(), parts.begin())) break;
    keys.push_back(&row->first);
  }
  std::ranges::sort(keys, [&](const Key* a, const Key* b) { return listed_before(mode.definition, *a, *b); });
  return keys;
}

void Renderer::blocks(ModeId child, const Key& parent, std::size_t indent) {
  for (const auto* key : keys_below(child, parent)) {
    if (!line_prefix(child, *key).empty()) continue;
    block(child, *key, indent);
    line(indent, "!", false);
  }
}

// "" where the row is shown as a block.
std::string Renderer::line_prefix(ModeId id, const Key& key) {
  const auto& mode = registry_.mode(id);
  if (!mode.definition.line_prefix) return {};
  const auto& record = records(own_section(mode)).at(key);
  const bool has_lines = std::ranges::any_of(record.values, [](const auto& leaf) { return !leaf.empty(); });
  return has_lines ? mode.definition.line_prefix(key) : "";
}

void Renderer::lines(ModeId child, const Key& parent) {
  const auto from = text_.size();
  for (const auto* key : keys_below(child, parent)) {
    const auto prefix = line_prefix(child, *key);
    if (prefix.empty()) continue;
    prefix_ = prefix + " ";
    for (const auto& item : items(child)) leaf(item, *key, 0);
    prefix_.clear();
  }
  if (text_.size() != from) line(0, "!", false);
}

void Renderer::block(ModeId id, const Key& key, std::size_t indent) {
  line(indent, entering_line(id, key), registry_.mode(id).definition.trailing_space);
  for (const auto& item : items(id))
    if (item.child == Registry::global)
      leaf(item, key, indent + 1);
    else
      blocks(item.child, key, indent + 1);
}

std::string Renderer::entering_line(ModeId id, const Key& key) {
  const auto& mode = registry_.mode(id);
  const auto& own = mode.definition.own_keys;
  parser::Arguments arguments;
  for (std::size_t i = 0; i < own.size(); ++i) arguments.add(own[i], key.parts[key.parts.size() - own.size() + i]);
  const auto& leaves = registry_.section(own_section(mode)).leaves;
  if (!leaves.empty() && leaves.front().kind == LeafKind::entry)
    for (const auto& command : value(own_section(mode), 0, key))
      for (const auto& argument : command.all()) arguments.add(argument.name, argument.text);
  return mode.definition.enter->render(arguments);
}

void Renderer::line(std::size_t indent, const std::string& text, bool trailing_space) {
  text_.append(indent, ' ').append(text == "!" ? "" : prefix_).append(text).append(trailing_space ? " \n" : "\n");
}

}  // namespace culvert::config
