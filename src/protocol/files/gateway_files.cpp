// The files of an attachment store that keeps them on this server: uploads and reads, by addresses that need no credentials.
#include <algorithm>
#include <utility>

#include "encoding/ascii.hpp"
#include "encoding/percent.hpp"
#include "protocol/files/byte_range.hpp"
#include "protocol/rest/gateway_impl.hpp"
#include "protocol/rest/http_fields.hpp"

namespace cariosan::protocol {
namespace {

constexpr std::string_view kFileMethods = "GET, HEAD, PUT, OPTIONS";
/// Of a file on its way to a client.
constexpr std::uint64_t kPartBytes = 128 * 1024;

/// Has `done` called on the lane's thread. What is still on its way when the lane ends is dropped.
template <class Value>
std::function<void(Value)> on_lane(const LaneImpl& lane, std::function<void(Value)> done) {
    return [queue = lane.queue(), done = std::move(done)](Value value) {
        auto held = std::make_shared<Value>(std::move(value));
        queue->push(realtime::Complete{[done, held] { done(std::move(*held)); }});
    };
}

Error not_permitted(const char* reason, const char* message) {
    return Error(ErrorCode::forbidden, message).with("reason", reason);
}

/// Checks the head of an upload against what was signed.
Result<Done> check_upload(const HttpRequest& head, const std::optional<UploadPermit>& permit, Timestamp now) {
    if (!permit) return not_permitted("signature", "this is no upload_url as it was signed");
    if (now > permit->expires_at) return not_permitted("expired", "the upload_url has expired: ask for another one");
    const bool coded = head.header("Content-Encoding").has_value();
    const bool typed = count_fields(head, "Content-Type") == 1;
    if (coded || !typed || encoding::trim_blanks(*head.header("Content-Type")) != permit->content_type) {
        return Error(ErrorCode::unsupported_media_type, "the Content-Type must be the signed one, without a Content-Encoding");
    }
    if (head.header("Content-Length").value_or("") != std::to_string(permit->size_bytes)) {
        return invalid_field("Content-Length", "the Content-Length must be the signed size in bytes");
    }
    return Done{};
}

/// The part of a file's path before its name is unique, and the file never changes.
std::string etag_of(std::string_view path) {
    path = path.substr(0, path.rfind('/'));
    return '"' + std::string(path.substr(path.rfind('/') + 1)) + '"';
}

/// What browsers show by themselves. Everything else is saved: a page or a drawing with scripts must not run here.
bool is_shown(std::string_view type) {
    constexpr std::string_view kShown[] = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/heic"};
    const std::string lower = encoding::to_lower_ascii(type.substr(0, type.find_first_of("; ")));
    return lower.starts_with("audio/") || lower.starts_with("video/") || std::ranges::find(kShown, lower) != std::end(kShown);
}

std::vector<HttpHeader> file_headers(const FileReader& reader, std::string_view path) {
    const std::string& type = reader.content_type();
    const std::string_view name = path.substr(path.rfind('/') + 1);  // percent-encoded already
    const std::string_view shown = is_shown(type) ? "inline" : "attachment";
    return {{"Content-Type", type},
            {"X-Content-Type-Options", "nosniff"},
            {"Content-Security-Policy", "sandbox; default-src 'none'"},
            {"Content-Disposition", std::string(shown).append("; filename*=UTF-8''").append(name)},
            {"Cross-Origin-Resource-Policy", "cross-origin"},
            {"Referrer-Policy", "no-referrer"},
            {"Accept-Ranges", "bytes"},
            {"ETag", etag_of(path)},
            {"Cache-Control", "private, max-age=31536000, immutable"}};
}

/// The rest of a file, read as fast as the client takes it. On the thread of `lane`.
struct FileStream : std::enable_shared_from_this<FileStream> {
    FileStream(const LaneImpl& on, std::unique_ptr<FileReader> from, ByteRange range)
        : lane(on), reader(std::move(from)), rest(range) {}

    void next(std::function<void(BodyPart)> done) {
        if (rest.length == 0) return done(std::optional<std::string>());
        const std::uint64_t bytes = std::min(rest.length, kPartBytes);
        auto taken = [self = shared_from_this(), done = std::move(done)](Result<std::string> part) {
            if (!part) return done(part.error());
            self->rest.first += part->size();
            self->rest.length -= part->size();
            done(std::optional(*std::move(part)));
        };
        reader->read(rest.first, static_cast<std::size_t>(bytes), on_lane<Result<std::string>>(lane, std::move(taken)));
    }

    const LaneImpl& lane;
    const std::unique_ptr<FileReader> reader;
    ByteRange rest;
};

}  // namespace

/// A permitted upload whose body is being received.
class GatewayImpl::Upload final : public PendingRequest {
  public:
    Upload(GatewayImpl& gateway, ExchangeRef exchange, std::unique_ptr<FileWriter> writer, std::uint64_t size)
        : gateway_(gateway), exchange_(std::move(exchange)), writer_(std::move(writer)), size_(size) {}

    ~Upload() override {
        if (!*over_) gateway_.log_given_up(*exchange_);
    }

    std::optional<std::uint64_t> part_bytes() const override { return size_; }

    void receive(std::string part, std::function<void(PartTaken)> taken) override {
        auto written = [&gateway = gateway_, exchange = exchange_, over = over_,
                        taken = std::move(taken)](const Result<Done>& result) {
            if (result) return taken({});
            *over = true;
            taken({gateway.refusal(result.error(), exchange->request, gateway.line_of(*exchange))});
        };
        writer_->write(std::move(part), on_lane<Result<Done>>(exchange_->lane, std::move(written)));
    }

    void finish(std::string body, std::function<void(HttpResponse)> respond) override {
        *over_ = true;
        exchange_->respond = std::move(respond);
        auto finished = [&gateway = gateway_, exchange = exchange_](const Result<UploadEnd>& end) {
            if (!end) return gateway.fail(exchange, end.error());
            if (*end == UploadEnd::taken) {
                return gateway.fail(exchange, Error(ErrorCode::conflict, "another file was uploaded to this address"));
            }
            gateway.respond(exchange, {.status = 200, .headers = {{"Cache-Control", "no-store"}}, .body = {}});
        };
        writer_->finish(std::move(body), on_lane<Result<UploadEnd>>(exchange_->lane, std::move(finished)));
    }

    HttpResponse refuse(const Error& error, std::optional<int> status) override {
        *over_ = true;
        return gateway_.refusal(error, exchange_->request, gateway_.line_of(*exchange_), status);
    }

  private:
    GatewayImpl& gateway_;
    const ExchangeRef exchange_;
    const std::unique_ptr<FileWriter> writer_;
    const std::uint64_t size_;
    /// Whether the request was answered. Shared with a part on its way to the disk, which may come back later.
    const std::shared_ptr<bool> over_ = std::make_shared<bool>(false);
};

const Origins& GatewayImpl::origins_for(const HttpRequest& request) const {
    return options_.files && request.target.starts_with(kFilesPath) ? any_origin_ : origins_;
}

bool GatewayImpl::serve_file(const ExchangeRef& exchange, std::string_view path) {
    AttachmentFiles* const files = options_.files.get();
    if (files == nullptr || !path.starts_with(kFilesPath)) return false;
    exchange->route = kFileRoute;
    const HttpRequest& request = exchange->request;
    if (request.method == "PUT") {
        receive_file(exchange, *files);
    } else if (is_reading(request)) {
        send_file(exchange, *files, path.substr(kFilesPath.size()));
    } else if (request.method == "OPTIONS") {
        HttpResponse response{.status = 204, .headers = {{"Allow", std::string(kFileMethods)}}, .body = {}};
        any_origin_.answer_preflight(request, std::string(kFileMethods), response);
        respond(exchange, std::move(response));
    } else {
        const Error refused(ErrorCode::method_not_allowed, "files are read, or uploaded with PUT");
        HttpResponse response = error_response(exchange, refused);
        response.headers.push_back({"Allow", std::string(kFileMethods)});
        respond(exchange, std::move(response));
    }
    return true;
}

void GatewayImpl::receive_file(const ExchangeRef& exchange, AttachmentFiles& files) {
    exchange->is_upload = true;
    const auto permit = files.permit(exchange->request.target);
    if (permit) exchange->workspace = permit->workspace;
    const auto checked = check_upload(exchange->request, permit, impl_.clock().now());
    if (!checked) return fail(exchange, checked.error());
    const auto size = static_cast<std::uint64_t>(permit->size_bytes);
    auto begun = [this, exchange, size](Result<std::unique_ptr<FileWriter>> writer) {
        if (!writer) return fail(exchange, writer.error());
        auto upload = std::make_unique<Upload>(*this, exchange, *std::move(writer), size);
        std::exchange(exchange->judged, nullptr)({.pending = std::move(upload), .response = {}});
    };
    files.create(*permit, on_lane<Result<std::unique_ptr<FileWriter>>>(exchange->lane, std::move(begun)));
}

void GatewayImpl::send_file(const ExchangeRef& exchange, AttachmentFiles& files, std::string_view path) {
    auto opened = [this, exchange, name = std::string(path)](Result<std::unique_ptr<FileReader>> reader) {
        if (!reader) return fail(exchange, reader.error());
        if (!*reader) return fail(exchange, not_found("file"));
        send_opened(exchange, name, *std::move(reader));
    };
    files.open(std::string(path), on_lane<Result<std::unique_ptr<FileReader>>>(exchange->lane, std::move(opened)));
}

void GatewayImpl::send_opened(const ExchangeRef& exchange, std::string_view path, std::unique_ptr<FileReader> reader) {
    const HttpRequest& request = exchange->request;
    const std::string tag = etag_of(path);
    HttpResponse response{.status = 200, .headers = file_headers(*reader, path), .body = {}};
    if (is_known_to_client(request, tag)) {
        response.status = 304;
        return respond(exchange, std::move(response));
    }
    const std::string size = std::to_string(reader->size());
    const RangeAsked asked = range_asked(request, reader->size(), tag);
    if (!asked.range) {
        HttpResponse refused = error_response(exchange, Error(ErrorCode::validation_error, "the range is outside the file"));
        refused.status = 416;
        refused.headers.push_back({"Content-Range", "bytes */" + size});
        return respond(exchange, std::move(refused));
    }
    const ByteRange range = *asked.range;
    if (asked.is_part) {
        response.status = 206;
        const std::string last = std::to_string(range.first + range.length - 1);
        response.headers.push_back({"Content-Range", "bytes " + std::to_string(range.first) + "-" + last + "/" + size});
    }
    response.length = range.length;
    if (request.method == "HEAD") return respond(exchange, std::move(response));
    // The first part is read before the head is sent, so that a disk that fails is an answer.
    auto stream = std::make_shared<FileStream>(exchange->lane, std::move(reader), range);
    stream->next([this, exchange, stream, response = std::move(response)](BodyPart first) mutable {
        if (!first) return fail(exchange, first.error());
        response.body = first->value_or("");
        response.next_part = [stream](std::function<void(BodyPart)> done) { stream->next(std::move(done)); };
        respond(exchange, std::move(response));
    });
}

}  // namespace cariosan::protocol
