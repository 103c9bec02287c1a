#include "healthcheck.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "descriptor.hpp"

namespace cariosan::server {

namespace {

constexpr int kSeconds = 5;
constexpr std::size_t kMostHealthBytes = 16 * 1024;

Error failed(const std::string& what) {
    return Error(ErrorCode::unavailable, what + ": " + std::strerror(errno));
}

/// A connected socket whose reads and writes have a deadline. `SO_SNDTIMEO` applies to connecting, too.
Result<Descriptor> connect_to_address(const std::string& host, std::uint16_t port) {
    sockaddr_in6 six{};
    sockaddr_in four{};
    const bool is_four = ::inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1;
    if (!is_four && ::inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) {
        return Error(ErrorCode::misuse, host + " is no address");
    }
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    Descriptor socket(::socket(is_four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return failed("cannot make a socket");
    const timeval timeout{kSeconds, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    const auto* address =
        is_four ? reinterpret_cast<const sockaddr*>(&four) : reinterpret_cast<const sockaddr*>(&six);
    const socklen_t size = is_four ? sizeof(four) : sizeof(six);
    if (::connect(socket.get(), address, size) != 0)
        return failed("cannot connect to " + base_url(host, port));
    return socket;
}

}  // namespace

std::string reachable_host(const std::string& host) {
    if (host == "0.0.0.0") return "127.0.0.1";
    if (host == "::") return "::1";
    return host;
}

std::string base_url(const std::string& host, std::uint16_t port) {
    const bool is_six = host.find(':') != std::string::npos;
    return "http://" + (is_six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Done> check_health(const Configuration& configuration) {
    const std::string host = reachable_host(configuration.http_host);
    if (configuration.http_port == 0) {
        return Error(ErrorCode::misuse, "CARIOS_HTTP_PORT is 0: the port of the server is not known");
    }
    auto socket = connect_to_address(host, configuration.http_port);
    if (!socket) return socket.error();
    const std::string url = base_url(host, configuration.http_port);
    const std::string request =
        "GET /healthz HTTP/1.1\r\nHost: " + url.substr(7) + "\r\nConnection: close\r\n\r\n";
    if (::send(socket->get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        return failed("cannot ask " + url + "/healthz");
    }
    std::string answer;
    while (answer.size() < kMostHealthBytes && answer.find("\r\n") == std::string::npos) {
        std::array<char, 1024> part{};
        const ssize_t count = ::recv(socket->get(), part.data(), part.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("no answer from " + url + "/healthz");
        if (count == 0) break;
        answer.append(part.data(), static_cast<std::size_t>(count));
    }
    if (answer.starts_with("HTTP/1.1 200 ")) return Done{};
    return Error(ErrorCode::unavailable, url + "/healthz does not answer 200");
}

}  // namespace cariosan::server
