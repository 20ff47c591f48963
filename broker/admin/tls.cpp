#include "broker/admin/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

namespace relais::admin {

namespace {

using base::RefusalCode;

base::Refusal not_usable(const char* setting, const std::filesystem::path& file) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return base::refuse(RefusalCode::key_invalid, setting,
                      {{"path", file.string()}, {"why", reason == nullptr ? "not usable" : reason}});
}

}  // namespace

base::Result<std::unique_ptr<httplib::Server>> tls_server(const std::filesystem::path& certificate,
                                                          const std::filesystem::path& key) {
  struct stat facts {};
  if (::stat(key.c_str(), &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return base::refuse(RefusalCode::key_file_mode, "admin.tls_key", {{"path", key.string()}});
  std::optional<base::Refusal> fault;
  auto server = std::make_unique<httplib::SSLServer>([&](SSL_CTX& context) {
    // A key with a password would otherwise be asked for at the terminal that the broker was started from.
    SSL_CTX_set_default_passwd_cb(&context, [](char*, int, int, void*) { return -1; });
    SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_use_certificate_chain_file(&context, certificate.c_str()) != 1)
      fault = not_usable("admin.tls_certificate", certificate);
    else if (SSL_CTX_use_PrivateKey_file(&context, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(&context) != 1)
      fault = not_usable("admin.tls_key", key);
    return !fault;
  });
  if (fault) return *fault;
  if (!server->is_valid()) return not_usable("admin.tls_certificate", certificate);
  return std::unique_ptr<httplib::Server>(std::move(server));
}

}  // namespace relais::admin
