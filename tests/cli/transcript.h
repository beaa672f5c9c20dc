// Transcripts: a shell session as text, played against a session and compared byte for byte.
//
//   # a comment
//   R1#show ver?                  help for what stands before the question mark; the line is not run
//   R1#sho<Tab>                   completion: the next line is what the terminal then shows
//   R1(config)#hostname X<^Z>     the line is ended by Ctrl-Z
//   Destination filename [startup-config]? NAME      an answer; <^C> interrupts
//   Proceed with reload? [confirm]y                  a key; nothing = Enter
//    --More-- <Space>                                a key of the pager: <Space>, nothing = Enter, q
//
// A line that begins with a prompt of a router is input; every other line is output that must come.
#pragma once

#include <string>
#include <string_view>

#include "cli/session.h"

namespace culvert::cli::testing {

// What the terminal shows when the inputs of `transcript` are typed: the transcript itself, if all is as it should be.
// Comments are left out of the result; `without_comments` leaves them out of the transcript.
std::string play(SessionHost& host, const Hello& hello, std::string_view transcript);
std::string without_comments(std::string_view transcript);

}  // namespace culvert::cli::testing
