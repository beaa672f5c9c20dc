// std::visit with one lambda a case.
#pragma once

namespace culvert::net {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

}  // namespace culvert::net
