// The functions of cariosan.h, which documents them. Each checks its pointers and forwards the call.
#include <cariosan/cariosan.h>
#include <cariosan/cariosan_parts.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include "capi/calls.hpp"
#include "capi/host.hpp"
#include "capi/options.hpp"
#include "core/propagate.hpp"
#include "protocol/describe/commands_document.hpp"

namespace {

using cariosan::Done;
using cariosan::Error;
using cariosan::ErrorCode;
using cariosan::HttpRequest;
using cariosan::Result;
using cariosan::capi::guarded;
using cariosan::capi::hand_out;
using cariosan::capi::Host;
using cariosan::capi::null_argument;
using cariosan::capi::with_host;
using Milliseconds = std::chrono::milliseconds;

/// The parts of a request as given by the host.
struct RequestView {
    const char* method;
    const char* target;
    const char* const* headers;
    std::size_t header_count;
    const void* body;
    std::size_t body_length;
    const char* remote_address;
    std::uint32_t flags;
};

/// Checks the pointers without reading anything beyond the limits. Returns the size of the head, or `misuse`.
Result<std::size_t> head_size(const RequestView& view, std::size_t most_fields) {
    if ((view.headers == nullptr && view.header_count != 0) ||
        (view.body == nullptr && view.body_length != 0)) {
        return null_argument();
    }
    if ((view.flags & ~CARIOSAN_SECURE) != 0) return Error(ErrorCode::misuse, "there is no such flag");
    std::size_t size = std::strlen(view.method) + std::strlen(view.target);
    for (std::size_t i = 0; i < 2 * std::min(view.header_count, most_fields + 1); ++i) {
        if (view.headers[i] == nullptr) return null_argument();
        size += std::strlen(view.headers[i]);
    }
    return size;
}

HttpRequest copy_request(const RequestView& view) {
    HttpRequest request;
    request.method = view.method;
    request.target = view.target;
    request.headers.reserve(view.header_count);
    for (std::size_t i = 0; i < view.header_count; ++i) {
        request.headers.push_back({view.headers[2 * i], view.headers[2 * i + 1]});
    }
    if (view.body_length != 0) request.body.assign(static_cast<const char*>(view.body), view.body_length);
    if (view.remote_address != nullptr) request.remote_address = view.remote_address;
    request.secure = (view.flags & CARIOSAN_SECURE) != 0;
    return request;
}

/// Passes a request to `take` or, if it exceeds a limit, refuses it with an item of `kind`.
Result<Done> submit_request(Host& host, std::int32_t kind, const RequestView& view, std::uint64_t ticket,
                            Result<Done> (Host::*take)(HttpRequest, std::uint64_t)) {
    CARIOSAN_TRY(const std::size_t size, head_size(view, host.most_head_fields()));
    if (const auto refused = host.over_limit(size, view.header_count, view.body_length)) {
        return host.refuse(kind, *refused, ticket);
    }
    return (host.*take)(copy_request(view), ticket);
}

}  // namespace

const char* cariosan_version(void) { return CARIOSAN_VERSION; }

int32_t cariosan_abi_version(void) { return CARIOSAN_ABI_VERSION; }

void cariosan_free(char* text) { std::free(text); }

cariosan_code cariosan_describe(char** description, size_t* length, cariosan_error** error) {
    if (description != nullptr) *description = nullptr;
    if (length != nullptr) *length = 0;
    return guarded(error, [&]() -> Result<Done> {
        if (description == nullptr) return null_argument();
        hand_out(cariosan::protocol::commands_document(cariosan::protocol::CommandTable(), {},
                                                       cariosan::EngineOptions().attachment_types),
                 description, length);
        return Done{};
    });
}

cariosan_code cariosan_open(int32_t abi_version, const char* options, cariosan_engine** engine,
                            cariosan_error** error) {
    return cariosan_open_with(abi_version, options, nullptr, engine, error);
}

cariosan_code cariosan_open_with(int32_t abi_version, const char* options, const cariosan_parts* parts,
                                 cariosan_engine** engine, cariosan_error** error) {
    if (engine != nullptr) *engine = nullptr;
    return guarded(error, [&]() -> Result<Done> {
        if (options == nullptr || engine == nullptr) return null_argument();
        if (abi_version != CARIOSAN_ABI_VERSION) {
            return Error(ErrorCode::misuse, "the host was compiled for another version of cariosan.h")
                .with("abi_version", std::int64_t{CARIOSAN_ABI_VERSION});
        }
        CARIOSAN_TRY(auto tables, cariosan::capi::copy_tables(parts));
        CARIOSAN_TRY(auto parsed, cariosan::capi::parse_options(options));
        CARIOSAN_TRY(auto host, Host::open(std::move(parsed), std::move(tables)));
        *engine = new cariosan_engine{std::move(host)};
        return Done{};
    });
}

cariosan_code cariosan_answer(cariosan_engine* engine, uint64_t ticket, const char* json, cariosan_error** error) {
    return with_host(engine, {json}, error, [&](Host& host) { return host.questions().answer(ticket, json); });
}

cariosan_code cariosan_close(cariosan_engine* engine, uint32_t deadline_ms, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.close(Milliseconds(deadline_ms)); });
}

void cariosan_engine_free(cariosan_engine* engine) {
    if (engine == nullptr || !engine->host->in_its_process()) return;
    delete engine;
}

cariosan_code cariosan_call(cariosan_engine* engine, const char* caller, const char* name, const char* json,
                            uint64_t ticket, cariosan_error** error) {
    return with_host(engine, {caller, name, json}, error,
                     [&](Host& host) { return host.call(caller, name, json, ticket); });
}

cariosan_code cariosan_call_wait(cariosan_engine* engine, const char* caller, const char* name,
                                 const char* json, char** answer, size_t* length, cariosan_error** error) {
    if (answer != nullptr) *answer = nullptr;
    if (length != nullptr) *length = 0;
    return with_host(engine, {caller, name, json, answer}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(const auto result, host.call_wait(caller, name, json));
        hand_out(result, answer, length);
        return Done{};
    });
}

cariosan_code cariosan_subscribe(cariosan_engine* engine, const char* workspace, uint64_t* subscription,
                                 cariosan_error** error) {
    if (subscription != nullptr) *subscription = 0;
    return with_host(engine, {workspace, subscription}, error, [&](Host& host) -> Result<Done> {
        CARIOSAN_TRY(const auto number, host.subscribe(workspace));
        *subscription = number;
        return Done{};
    });
}

cariosan_code cariosan_unsubscribe(cariosan_engine* engine, uint64_t subscription, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.unsubscribe(subscription); });
}

cariosan_code cariosan_poll(cariosan_engine* engine, int32_t timeout_ms, cariosan_item** item,
                            cariosan_error** error) {
    if (item != nullptr) *item = nullptr;
    return with_host(engine, {item}, error, [&](Host& host) -> Result<Done> {
        if (timeout_ms < -1) return Error(ErrorCode::misuse, "timeout_ms must be -1 or more");
        CARIOSAN_TRY(auto polled,
                     host.poll(timeout_ms < 0 ? std::nullopt : std::optional(Milliseconds(timeout_ms))));
        *item = polled.release();
        return Done{};
    });
}

int cariosan_wake_fd(const cariosan_engine* engine) {
    if (engine == nullptr || !engine->host->in_its_process()) return -1;
    return engine->host->wake_descriptor();
}

cariosan_code cariosan_http(cariosan_engine* engine, const char* method, const char* target,
                            const char* const* headers, size_t header_count, const void* body,
                            size_t body_length, const char* remote_address, uint32_t flags, uint64_t ticket,
                            cariosan_error** error) {
    return with_host(engine, {method, target}, error, [&](Host& host) {
        const RequestView view{method, target,      headers,        header_count,
                               body,   body_length, remote_address, flags};
        return submit_request(host, CARIOSAN_ITEM_RESPONSE, view, ticket, &Host::http);
    });
}

cariosan_code cariosan_http_begin(cariosan_engine* engine, const char* method, const char* target,
                                  const char* const* headers, size_t header_count, const char* remote_address,
                                  uint32_t flags, uint64_t ticket, cariosan_error** error) {
    return with_host(engine, {method, target}, error, [&](Host& host) {
        const RequestView view{method, target, headers, header_count, nullptr, 0, remote_address, flags};
        return submit_request(host, CARIOSAN_ITEM_RESPONSE, view, ticket, &Host::begin);
    });
}

cariosan_code cariosan_http_body(cariosan_engine* engine, uint64_t request, const void* data, size_t length,
                                 int32_t last, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) -> Result<Done> {
        if (data == nullptr && length != 0) return null_argument();
        if (last != 0 && last != 1) return Error(ErrorCode::misuse, "last must be 0 or 1");
        return host.mount().body(request, {static_cast<const char*>(data), length}, last == 1);
    });
}

cariosan_code cariosan_http_give_up(cariosan_engine* engine, uint64_t request, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.mount().give_up(request); });
}

cariosan_code cariosan_session_open(cariosan_engine* engine, const char* target, const char* const* headers,
                                    size_t header_count, const char* remote_address, uint32_t flags,
                                    uint64_t ticket, cariosan_error** error) {
    return with_host(engine, {target}, error, [&](Host& host) {
        const RequestView view{"GET", target, headers, header_count, nullptr, 0, remote_address, flags};
        return submit_request(host, CARIOSAN_ITEM_REFUSED, view, ticket, &Host::open_session);
    });
}

cariosan_code cariosan_session_receive(cariosan_engine* engine, uint64_t session, const char* text,
                                       size_t length, cariosan_error** error) {
    return with_host(engine, {text}, error, [&](Host& host) {
        return host.mount().receive(session, {text, length});
    });
}

cariosan_code cariosan_session_alive(cariosan_engine* engine, uint64_t session, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.mount().alive(session); });
}

cariosan_code cariosan_session_backlog(cariosan_engine* engine, uint64_t session, size_t bytes,
                                       cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.mount().set_unsent(session, bytes); });
}

cariosan_code cariosan_session_closed(cariosan_engine* engine, uint64_t session, cariosan_error** error) {
    return with_host(engine, {}, error, [&](Host& host) { return host.mount().closed(session); });
}

cariosan_code cariosan_drain(cariosan_engine* engine, uint32_t reconnect_after_ms, cariosan_error** error) {
    return with_host(engine, {}, error,
                     [&](Host& host) { return host.drain(Milliseconds(reconnect_after_ms)); });
}
