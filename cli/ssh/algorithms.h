// The algorithms of SSH that are offered: none that a careful client would warn of.
#pragma once

namespace culvert::cli::ssh {

inline constexpr const char *key_exchanges =
                                "curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,"
                                "diffie-hellman-group18-sha512",
                            *host_key_algorithms = "rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384",
                            *ciphers =
                                "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,"
                                "aes256-ctr,aes192-ctr,aes128-ctr",
                            *macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com";

}  // namespace culvert::cli::ssh
