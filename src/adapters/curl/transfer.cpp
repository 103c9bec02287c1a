#include "adapters/curl/transfer.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "adapters/curl/address.hpp"

namespace cariosan::curl {
namespace {

constexpr std::size_t kMaxBodyBytes = 64 * 1024;
constexpr std::size_t kMaxHeadBytes = 32 * 1024;

bool is_public(const curl_sockaddr& address) {
    if (address.family == AF_INET) {
        sockaddr_in ipv4{};
        std::memcpy(&ipv4, &address.addr, sizeof ipv4);
        std::uint8_t bytes[4];
        std::memcpy(bytes, &ipv4.sin_addr, sizeof bytes);
        return is_globally_routable(bytes);
    }
    if (address.family == AF_INET6 && address.addrlen >= sizeof(sockaddr_in6)) {
        // libcurl's structure is declared with the room of the shortest address and made with that of the longest.
        sockaddr_in6 ipv6{};
        std::memcpy(&ipv6, static_cast<const void*>(&address.addr), sizeof ipv6);
        std::uint8_t bytes[16];
        std::memcpy(bytes, &ipv6.sin6_addr, sizeof bytes);
        return is_globally_routable(bytes);
    }
    return false;
}

std::string in_seconds(std::chrono::milliseconds time) {
    if (time.count() % 1000 == 0) return std::to_string(time.count() / 1000) + " s";
    return std::to_string(time.count()) + " ms";
}

/// Why a certificate is invalid, by OpenSSL's numbers for X.509 verification.
std::string certificate_fault(CURL* easy) {
    long reason = 0;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &reason);
    const std::string text = "certificate verify failed";
    switch (reason) {
        case 0:
        case 1:  // libcurl compares the name itself, and until that is done its result is "unspecified"
            return text + ": it is not of this host";
        case 9:
            return text + ": it is not valid yet";
        case 10:
            return text + ": it has expired";
        case 2:
        case 18:
        case 19:
        case 20:
        case 21:
            return text + ": its issuer is not known";
        default:
            return text;
    }
}

}  // namespace

Transfer::Transfer(HttpRequest request, HttpClient::Answered answered)
    : request_(std::move(request)), answered_(std::move(answered)) {}

CURL* Transfer::start(const HttpClientOptions& options) {
    public_only_ = options.public_only;
    easy_.reset(curl_easy_init());
    if (!easy_ || !set_up(options)) return nullptr;
    return easy_.get();
}

bool Transfer::set_up(const HttpClientOptions& options) {
    // libcurl would wait a second for "100 Continue" before a larger body.
    auto headers = request_.headers;
    headers.emplace_back("Expect", "");
    for (const auto& [name, value] : headers) {
        if ((name + value).find_first_of("\r\n") != std::string::npos) return false;
        curl_slist* longer = curl_slist_append(headers_.get(), (name + ":" + (value.empty() ? "" : " " + value)).c_str());
        if (longer == nullptr) return false;
        static_cast<void>(headers_.release());
        headers_.reset(longer);
    }
    CURL* easy = easy_.get();
    bool done = true;
    const auto set = [&](CURLoption option, auto value) { done = curl_easy_setopt(easy, option, value) == CURLE_OK && done; };
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_PIPEWAIT, options.share_connections ? 1L : 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    // Without it, a name server that does not answer would hold up the whole thread when a request is cancelled.
    set(CURLOPT_QUICK_EXIT, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (request_.method == HttpMethod::post) {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
    } else {
        set(CURLOPT_CUSTOMREQUEST, "DELETE");
    }
    set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::take_head);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    return done;
}

curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (transfer.public_only_ && !is_public(*address)) {
        transfer.refused_an_address_ = true;
        return CURL_SOCKET_BAD;
    }
    transfer.opened_a_socket_ = true;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::take_head(char*, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.head_bytes_ += size * count;
    transfer.head_is_too_large_ = transfer.head_bytes_ > kMaxHeadBytes;
    return transfer.head_is_too_large_ ? 0 : size * count;
}

std::size_t Transfer::take_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    const std::size_t bytes = size * count;
    const std::size_t room = kMaxBodyBytes - transfer.body_.size();
    transfer.body_.append(data, bytes < room ? bytes : room);
    transfer.body_is_cut_ = bytes > room;
    return transfer.body_is_cut_ ? 0 : bytes;
}

void Transfer::finish(CURLcode code, const HttpClientOptions& options) {
    HttpAnswer answer;
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && body_is_cut_)) {
        long status = 0;
        curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
        answer.status = static_cast<int>(status);
        answer.body = std::move(body_);
        curl_header* header = nullptr;
        if (curl_easy_header(easy_.get(), "Retry-After", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
            answer.retry_after = header->value;
    } else {
        answer.error = fault(code, options);
    }
    easy_.reset();
    answered_(std::move(answer));
}

void Transfer::abandon(std::string error) {
    easy_.reset();
    answered_({.error = std::move(error)});
}

std::string Transfer::connect_fault() const {
    if (refused_an_address_ && !opened_a_socket_) return "the address is not public";
    long reason = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &reason);
    if (reason == ECONNREFUSED) return "connection refused";
    if (reason == ENETUNREACH || reason == EHOSTUNREACH) return "the host cannot be reached";
    return "could not connect";
}

std::string Transfer::fault(CURLcode code, const HttpClientOptions& options) const {
    curl_off_t connected = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected);
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "the name of the host is not known";
        case CURLE_COULDNT_CONNECT:
            return connect_fault();
        case CURLE_OPERATION_TIMEDOUT:
            if (connected == 0) return "timed out while connecting";
            return "timed out after " + in_seconds(options.timeout);
        case CURLE_PEER_FAILED_VERIFICATION:
            return certificate_fault(easy_.get());
        case CURLE_SSL_CACERT_BADFILE:
            return "the file of trusted certificates cannot be read";
        case CURLE_SSL_CONNECT_ERROR:
            return "the TLS handshake failed";
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return "the connection was closed before there was an answer";
        case CURLE_PARTIAL_FILE:
        case CURLE_HTTP2_STREAM:
        case CURLE_HTTP2:
            return "the answer was cut off";
        case CURLE_WRITE_ERROR:
            return head_is_too_large_ ? "the head of the answer is too large" : "the answer is not HTTP";
        case CURLE_UNSUPPORTED_PROTOCOL:
            return opened_a_socket_ ? "the answer is not HTTP" : "the URL is neither http nor https";
        case CURLE_WEIRD_SERVER_REPLY:
            return "the answer is not HTTP";
        case CURLE_URL_MALFORMAT:
        case CURLE_LOGIN_DENIED:
            return "the URL cannot be used";
        default:
            return std::string("no answer: ") + curl_easy_strerror(code);
    }
}

}  // namespace cariosan::curl
