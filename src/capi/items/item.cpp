#include "capi/items/item.hpp"

#include <utility>

namespace cariosan::capi {
namespace {

ItemPtr make_item(std::int32_t kind) {
    auto item = std::make_unique<cariosan_item>();
    item->kind = kind;
    return item;
}

}  // namespace

ItemPtr result_item(std::uint64_t ticket, Result<std::string> result) {
    ItemPtr item = make_item(CARIOSAN_ITEM_RESULT);
    item->ticket = ticket;
    if (result) {
        item->data = std::move(*result);
    } else {
        item->error = make_error(result.error());
    }
    return item;
}

ItemPtr response_item(std::int32_t kind, std::uint64_t ticket, HttpResponse response) {
    ItemPtr item = make_item(kind);
    item->ticket = ticket;
    item->status = response.status;
    item->headers = std::move(response.headers);
    item->data = std::move(response.body);
    return item;
}

ItemPtr admitted_item(std::uint64_t ticket, std::uint64_t session, std::string_view subprotocol) {
    ItemPtr item = make_item(CARIOSAN_ITEM_ADMITTED);
    item->ticket = ticket;
    item->handle = session;
    item->data = subprotocol;
    return item;
}

ItemPtr body_item(std::uint64_t ticket, std::uint64_t request) {
    ItemPtr item = make_item(CARIOSAN_ITEM_BODY);
    item->ticket = ticket;
    item->handle = request;
    return item;
}

ItemPtr data_item(std::int32_t kind, std::uint64_t handle, std::string data) {
    ItemPtr item = make_item(kind);
    item->handle = handle;
    item->data = std::move(data);
    return item;
}

ItemPtr close_item(std::uint64_t session, std::uint16_t code, std::string reason) {
    ItemPtr item = make_item(CARIOSAN_ITEM_CLOSE);
    item->handle = session;
    item->status = code;
    item->data = std::move(reason);
    return item;
}

ItemPtr log_item(std::string line) { return data_item(CARIOSAN_ITEM_LOG, 0, std::move(line)); }

}  // namespace cariosan::capi

int32_t cariosan_item_kind(const cariosan_item* item) { return item == nullptr ? 0 : item->kind; }

uint64_t cariosan_item_ticket(const cariosan_item* item) { return item == nullptr ? 0 : item->ticket; }

uint64_t cariosan_item_handle(const cariosan_item* item) { return item == nullptr ? 0 : item->handle; }

cariosan_code cariosan_item_code(const cariosan_item* item) {
    return cariosan_error_code(cariosan_item_error(item));
}

const cariosan_error* cariosan_item_error(const cariosan_item* item) {
    return item == nullptr ? nullptr : item->error.get();
}

int32_t cariosan_item_status(const cariosan_item* item) { return item == nullptr ? 0 : item->status; }

const char* cariosan_item_data(const cariosan_item* item) {
    return item == nullptr ? "" : item->data.c_str();
}

size_t cariosan_item_length(const cariosan_item* item) { return item == nullptr ? 0 : item->data.size(); }

size_t cariosan_item_header_count(const cariosan_item* item) {
    return item == nullptr ? 0 : item->headers.size();
}

const char* cariosan_item_header_name(const cariosan_item* item, size_t index) {
    return index < cariosan_item_header_count(item) ? item->headers[index].name.c_str() : "";
}

const char* cariosan_item_header_value(const cariosan_item* item, size_t index) {
    return index < cariosan_item_header_count(item) ? item->headers[index].value.c_str() : "";
}

void cariosan_item_free(cariosan_item* item) { delete item; }
