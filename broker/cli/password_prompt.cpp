#include "broker/cli/password_prompt.h"

#include <iostream>
#include <termios.h>
#include <unistd.h>

#include "adapters/mapping/utf8.h"
#include "broker/access/new_password.h"
#include "broker/base/crypto.h"

namespace relais::cli {

namespace {

base::Refusal invalid(std::string why) {
  return base::refuse(base::RefusalCode::input_invalid, "password", {{"why", std::move(why)}});
}

/// The terminal shows nothing of what is typed while this lives.
class Unseen {
 public:
  Unseen() {
    ::tcgetattr(STDIN_FILENO, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Unseen() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
};

std::string ask(const char* what) {
  std::cerr << what << ": " << std::flush;
  std::string line;
  {
    const Unseen unseen;
    std::getline(std::cin, line);
  }
  std::cerr << "\n";
  return line;
}

}  // namespace

base::Result<std::string> ask_new_password() {
  std::string password;
  if (::isatty(STDIN_FILENO) == 1) {
    password = ask("password");
    auto again = ask("once more");
    const bool same = base::equal_secrets(password, again);
    base::wipe(again);
    if (!same) return invalid("the two are not the same");
  } else {
    std::getline(std::cin, password);
  }
  if (const auto said = access::check_new_password(password); !said) return said.refusal();
  // Whoever logs in sends it as JSON.
  if (mapping::first_bad_utf8(password)) return invalid("characters in UTF-8: this terminal speaks another encoding");
  return password;
}

}  // namespace relais::cli
