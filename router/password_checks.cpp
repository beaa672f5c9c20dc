#include "router/password_checks.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace culvert::router {

// The timer begins before the comparison, so that the answer does not tell how long that took.
void PasswordChecks::verify(cli::StoredPassword stored, net::Secret typed, std::function<void(bool)> answer) {
  auto refusal = std::make_shared<boost::asio::steady_timer>(loop_, refusal_delay);
  boost::asio::post(thread_, [this, stored = std::move(stored), typed = std::move(typed), refusal,
                              answer = std::move(answer)]() mutable {
    const bool right = cli::verifies(stored, cli::as_text(typed));
    boost::asio::post(loop_, [right, refusal, answer = std::move(answer)] {
      if (right) return answer(true);
      refusal->async_wait([refusal, answer](const boost::system::error_code&) { answer(false); });
    });
  });
}

}  // namespace culvert::router
