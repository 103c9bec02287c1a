// Requests of a mount, complete ones and those that arrive in parts.
#include <utility>

#include "capi/mount.hpp"
#include "core/propagate.hpp"

namespace cariosan::capi {
namespace {

std::size_t size_of(const HttpRequest& request) {
    std::size_t size = request.method.size() + request.target.size() + request.body.size();
    for (const HttpHeader& header : request.headers) size += header.name.size() + header.value.size();
    return size;
}

}  // namespace

Error body_too_large(const Limits& limits) {
    const std::int64_t most = limits.request_body_bytes;
    return Error(ErrorCode::payload_too_large, "the body of the request is too large: at most " + std::to_string(most) + " bytes")
        .with("limit", most);
}

Result<Done> Mount::http(HttpRequest request, TicketRef ticket) {
    const std::size_t bytes = size_of(request);
    return push(HttpInput{std::move(request), std::move(ticket)}, bytes);
}

Result<Done> Mount::begin(HttpRequest head, TicketRef ticket) {
    const std::size_t bytes = size_of(head);
    return push(BeginInput{std::move(head), std::move(ticket)}, bytes);
}

Result<Done> Mount::open_session(HttpRequest request, TicketRef ticket) {
    const std::size_t bytes = size_of(request);
    return push(OpenInput{std::move(request), std::move(ticket)}, bytes);
}

Result<MountedRequestRef> Mount::find_request(std::uint64_t number) const {
    const std::lock_guard lock(requests_mutex_);
    const auto found = requests_.find(number);
    if (found == requests_.end()) return not_found("request");
    return found->second;
}

Result<Done> Mount::body(std::uint64_t number, std::string_view part, bool last) {
    CARIOSAN_TRY(MountedRequestRef request, find_request(number));
    MountedRequest& target = *request;
    const std::size_t before = target.bytes_in.fetch_add(part.size());
    if (before + part.size() > target.most_bytes) {
        if (target.too_large.exchange(true)) return not_found("request");
        return push(RefuseInput{std::move(request)}, 0);
    }
    auto pushed = push(BodyInput{request, std::string(part), last}, part.size());
    if (!pushed) target.bytes_in -= part.size();
    return pushed;
}

Result<Done> Mount::give_up(std::uint64_t number) {
    CARIOSAN_TRY(MountedRequestRef request, find_request(number));
    return push(GiveUpInput{std::move(request)}, 0);
}

void Mount::respond(const TicketRef& ticket, HttpResponse response) {
    outputs_.push(ReadyOutput{response_item(CARIOSAN_ITEM_RESPONSE, ticket->number(), std::move(response)), ticket});
}

void Mount::respond_to(HttpResponse response, const std::function<void(HttpResponse)>& respond) {
    if (!response.next_part) return respond(std::move(response));
    join_parts(std::make_shared<HttpResponse>(std::move(response)), respond);
}

/// An item is a complete response. A host that wants large exports in parts calls `user.export` page by page.
void Mount::join_parts(const std::shared_ptr<HttpResponse>& response,
                       const std::function<void(HttpResponse)>& respond) {
    response->next_part([this, response, respond](BodyPart part) {
        if (!part) return respond(gateway_.refuse(part.error()));
        if (!*part) return respond(std::move(*response));
        response->body += **part;
        join_parts(response, respond);
    });
}

void Mount::perform(HttpInput& input) {
    ++unanswered_;
    auto answer = [this, ticket = std::move(input.ticket)](HttpResponse response) {
        --unanswered_;
        respond(ticket, std::move(response));
    };
    gateway_.handle(*lane_, std::move(input.request),
                    [this, answer](HttpResponse response) { respond_to(std::move(response), answer); });
}

void Mount::perform(BeginInput& input) {
    ++unanswered_;
    auto request = std::make_shared<MountedRequest>();
    request->ticket = std::move(input.ticket);
    request->waiter = std::make_shared<Waiter>();
    input.head.asker = request->waiter;
    gateway_.begin(*lane_, std::move(input.head), [this, request](RequestOutcome outcome) {
        if (outcome.pending) {
            --unanswered_;
            return await_body(request, std::move(outcome.pending));
        }
        respond_to(std::move(outcome.response), [this, request](HttpResponse response) {
            --unanswered_;
            respond(request->ticket, std::move(response));
        });
    });
}

void Mount::await_body(const MountedRequestRef& request, std::unique_ptr<PendingRequest> pending) {
    request->pending = std::move(pending);
    const auto parts = request->pending->part_bytes();
    request->in_parts = parts.has_value();
    request->most_bytes = static_cast<std::size_t>(parts.value_or(static_cast<std::uint64_t>(limits_.request_body_bytes)));
    {
        const std::lock_guard lock(requests_mutex_);
        request->number = ++last_request_;
        requests_.emplace(request->number, request);
    }
    outputs_.push(ReadyOutput{body_item(request->ticket->number(), request->number), request->ticket});
}

void Mount::perform(BodyInput& input) {
    const MountedRequestRef request = std::move(input.request);
    if (!request->pending) return;
    request->body += input.part;
    request->ended = input.last;
    take_body(request);
}

/// Passes on what has arrived, as far as it is wanted now.
void Mount::take_body(const MountedRequestRef& request) {
    if (request->taking) return hold_body(request);
    if (request->ended) return finish(request);
    if (!request->in_parts) return hold_body(request);
    if (request->body.empty()) return;
    request->taking = true;
    ++unanswered_;
    request->pending->receive(std::exchange(request->body, {}), [this, request](PartTaken taken) {
        --unanswered_;
        request->taking = false;
        if (!request->pending) return;
        if (!taken.response) return take_body(request);
        request->pending.reset();
        request->holding.reset();
        respond_to(*std::move(taken.response), [this, request](HttpResponse whole) { answer(request, std::move(whole)); });
    });
}

void Mount::hold_body(const MountedRequestRef& request) {
    if (!request->holding) {
        request->holding = lane_->hold(Held::request, [this, weak = std::weak_ptr(request)] {
            const MountedRequestRef largest = weak.lock();
            if (!largest) return;
            const std::string most = std::to_string(lane_->bound(Held::request));
            refuse(largest, Error(ErrorCode::unavailable,
                                  "too many large requests arrive at once: at most " + most + " bytes together"));
        });
    }
    request->holding->resize(request->body.size());
}

void Mount::finish(const MountedRequestRef& request) {
    ++unanswered_;
    request->holding.reset();
    const auto pending = std::exchange(request->pending, nullptr);
    pending->finish(std::exchange(request->body, {}), [this, request](HttpResponse response) {
        respond_to(std::move(response), [this, request](HttpResponse whole) {
            --unanswered_;
            answer(request, std::move(whole));
        });
    });
}

void Mount::answer(const MountedRequestRef& request, HttpResponse response) {
    {
        const std::lock_guard lock(requests_mutex_);
        requests_.erase(request->number);
    }
    respond(request->ticket, std::move(response));
}

void Mount::refuse(const MountedRequestRef& request, const Error& error, std::optional<int> status) {
    if (!request->pending) return;
    const auto pending = std::exchange(request->pending, nullptr);
    request->body = {};
    request->holding.reset();
    // While a part is on its way, nothing may be asked of it but to go.
    answer(request, request->taking ? gateway_.refuse(error, {}, status) : pending->refuse(error, status));
}

void Mount::perform(RefuseInput& input) {
    refuse(input.request, body_too_large(limits_));
}

void Mount::refuse_incomplete(const Error& error) {
    std::unordered_map<std::uint64_t, MountedRequestRef> requests;
    {
        const std::lock_guard lock(requests_mutex_);
        requests = requests_;
    }
    for (const auto& [number, request] : requests) refuse(request, error);
}

void Mount::perform(GiveUpInput& input) {
    constexpr int kTimedOut = 408;
    if (input.request->pending) {
        refuse(input.request, Error(ErrorCode::unavailable, "the body of the request did not arrive"), kTimedOut);
    } else {
        input.request->waiter.reset();
    }
}

}  // namespace cariosan::capi
