// An XDP program that passes every frame; that it is there is its whole effect (kernel_port.h).
#pragma once

namespace culvert::dataplane {

// A descriptor that keeps the program attached while it is open; -1 where the kernel does not allow it.
int attach_xdp_pass(unsigned interface_index);

}  // namespace culvert::dataplane
