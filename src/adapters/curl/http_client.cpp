#include "adapters/curl/http_client.hpp"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

#include <deque>
#include <fstream>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "adapters/curl/transfer.hpp"

namespace cariosan::curl {
namespace {

/// Idle connections kept for reuse, for all hosts together.
constexpr long kIdleConnections = 128;
constexpr const char* kClosed = "not sent: the client is closed";

/// libcurl must be initialised once per process, before its first use. It is never cleaned up: other code in the process may
/// use it too.
bool libcurl_is_ready() {
    static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
    return code == CURLE_OK;
}

/// While it lives, threads started by this one have all signals blocked: the host's handlers never run on them, and a
/// connection that breaks while TLS writes to it does not end the process with SIGPIPE.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

class HttpClient::Loop {
  public:
    explicit Loop(HttpClientOptions options) : options_(std::move(options)), multi_(curl_multi_init()) {}
    ~Loop();

    bool start();
    void send(std::unique_ptr<Transfer> transfer);

  private:
    void run();
    bool start_waiting();
    void finish_ended();
    void abandon_all();

    const HttpClientOptions options_;
    std::unique_ptr<CURLM, EndMulti> multi_;
    std::mutex mutex_{};
    std::deque<std::unique_ptr<Transfer>> waiting_{};                  // guarded by mutex_
    bool closed_ = false;                                              // guarded by mutex_
    std::unordered_map<CURL*, std::unique_ptr<Transfer>> running_{};  // only used by the thread
    std::thread thread_{};
};

bool HttpClient::Loop::start() {
    if (!multi_) return false;
    curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, kIdleConnections);
    const SignalsBlocked blocked;
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error&) {
        return false;
    }
    return true;
}

HttpClient::Loop::~Loop() {
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }
    curl_multi_wakeup(multi_.get());
    thread_.join();
}

void HttpClient::Loop::send(std::unique_ptr<Transfer> transfer) {
    {
        const std::scoped_lock lock(mutex_);
        if (!closed_) waiting_.push_back(std::move(transfer));
    }
    if (transfer) return transfer->abandon(kClosed);
    curl_multi_wakeup(multi_.get());
}

void HttpClient::Loop::run() {
    constexpr int kPollMilliseconds = 60'000;
    while (start_waiting()) {
        int running = 0;
        curl_multi_perform(multi_.get(), &running);
        finish_ended();
        curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr);
    }
    abandon_all();
}

/// Starts as many as allowed; false once the client is closed.
bool HttpClient::Loop::start_waiting() {
    while (true) {
        std::unique_ptr<Transfer> next;
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) return false;
            if (waiting_.empty() || running_.size() >= options_.max_running) return true;
            next = std::move(waiting_.front());
            waiting_.pop_front();
        }
        CURL* easy = next->start(options_);
        if (easy == nullptr || curl_multi_add_handle(multi_.get(), easy) != CURLM_OK) {
            next->abandon("the request cannot be made");
            continue;
        }
        running_.emplace(easy, std::move(next));
    }
}

void HttpClient::Loop::finish_ended() {
    int left = 0;
    bool ended_any = false;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const CURLcode code = message->data.result;
        auto ended = running_.extract(message->easy_handle);
        curl_multi_remove_handle(multi_.get(), ended.key());
        ended.mapped()->finish(code, options_);
        ended_any = true;
    }
    // A waiting request can start now: the next poll must not sleep first.
    if (ended_any) curl_multi_wakeup(multi_.get());
}

void HttpClient::Loop::abandon_all() {
    for (auto& [easy, transfer] : running_) {
        curl_multi_remove_handle(multi_.get(), easy);
        transfer->abandon(kClosed);
    }
    running_.clear();
    std::deque<std::unique_ptr<Transfer>> waiting;
    {
        const std::scoped_lock lock(mutex_);
        waiting.swap(waiting_);
    }
    for (auto& transfer : waiting) transfer->abandon(kClosed);
}

Result<std::unique_ptr<HttpClient>> HttpClient::open(HttpClientOptions options) {
    if (!options.ca_file.empty() && std::ifstream(options.ca_file).peek() == std::ifstream::traits_type::eof())
        return invalid_field("ca_file", "the file of trusted certificates cannot be read, or is empty");
    auto loop = libcurl_is_ready() ? std::make_unique<Loop>(std::move(options)) : nullptr;
    if (!loop || !loop->start()) return Error(ErrorCode::unavailable, "the HTTP client cannot be started");
    return std::unique_ptr<HttpClient>(new HttpClient(std::move(loop)));
}

HttpClient::HttpClient(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpClient::~HttpClient() = default;

void HttpClient::send(HttpRequest request, Answered answered) {
    loop_->send(std::make_unique<Transfer>(std::move(request), std::move(answered)));
}

}  // namespace cariosan::curl
