/// The items returned by `cariosan_poll`.
#pragma once

#include <cariosan/cariosan.h>

#include <cariosan/error.hpp>
#include <cariosan/http.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "capi/error_json.hpp"

/// What `cariosan_item*` points to. Members that a kind does not use keep their defaults.
struct cariosan_item {
    std::int32_t kind = 0;
    std::uint64_t ticket = 0;
    std::uint64_t handle = 0;
    std::unique_ptr<cariosan_error> error;
    std::int32_t status = 0;
    std::string data;
    std::vector<cariosan::HttpHeader> headers;
};

namespace cariosan::capi {

using ItemPtr = std::unique_ptr<cariosan_item>;

ItemPtr result_item(std::uint64_t ticket, Result<std::string> result);
/// `kind`: a response or a refusal.
ItemPtr response_item(std::int32_t kind, std::uint64_t ticket, HttpResponse response);
ItemPtr admitted_item(std::uint64_t ticket, std::uint64_t session, std::string_view subprotocol);
ItemPtr body_item(std::uint64_t ticket, std::uint64_t request);
/// `kind`: an event of a subscription, or a text or ping of a session.
ItemPtr data_item(std::int32_t kind, std::uint64_t handle, std::string data);
ItemPtr close_item(std::uint64_t session, std::uint16_t code, std::string reason);
ItemPtr log_item(std::string line);

}  // namespace cariosan::capi
