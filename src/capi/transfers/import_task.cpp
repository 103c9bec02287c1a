#include "capi/transfers/import_task.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <exception>
#include <utility>

#include "capi/caller_json.hpp"
#include "core/propagate.hpp"
#include "protocol/json/json_reader.hpp"
#include "protocol/json/json_writer.hpp"

namespace cariosan::capi {
namespace {

std::string_view stage_name(ImportStage stage) {
    switch (stage) {
        case ImportStage::reading: return "reading";
        case ImportStage::places: return "places";
        case ImportStage::replies: return "replies";
        case ImportStage::messages: return "messages";
    }
    return {};
}

void write_counts(protocol::ObjectWriter& object, const ImportCounts& counts) {
    object.integer("imported", counts.imported);
    object.integer("replies", counts.replies);
    object.integer("already_there", counts.already_there);
    object.integer("bad_lines", counts.bad_lines);
}

/// Why an import ended early, with what it did before.
Error early_end(const ImportOutcome& outcome) {
    Error error = *outcome.stopped;
    if (outcome.stage == ImportStage::messages) {
        error.message = "stopped near line " + std::to_string(outcome.line) + ": " + error.message +
                        "; what was imported stays, and a second import with the same source goes on";
        error.details.push_back({"line", outcome.line});
    }
    error.details.push_back({"imported", outcome.counts.imported});
    error.details.push_back({"already_there", outcome.counts.already_there});
    error.details.push_back({"bad_lines", outcome.counts.bad_lines});
    return error;
}

Result<Done> read_import_member(std::string_view name, const boost::json::value& value, ImportRequest& request) {
    constexpr std::int64_t kMostProblems = 10'000;
    const std::string field(name);
    if (name == "problems") {
        const std::int64_t* number = value.if_int64();
        if (number == nullptr || *number < 0 || *number > kMostProblems) {
            return invalid_field(field, "problems must be an integer from 0 to " + std::to_string(kMostProblems));
        }
        request.most_problems = static_cast<std::size_t>(*number);
        return Done{};
    }
    const boost::json::string* text = value.if_string();
    const std::string_view given = text == nullptr ? std::string_view() : std::string_view(text->data(), text->size());
    if (name == "workspace") {
        CARIOSAN_TRY(request.import.workspace, parse_workspace(given));
    } else if (name == "source") {
        if (!is_import_source(given)) return invalid_field(field, "source must be 1 to 128 bytes without control characters");
        request.import.source = given;
    } else if (name == "file" || name == "folder") {
        if (given.empty()) return invalid_field(field, field + " must be a path");
        (name == "file" ? request.import.path : request.folder) = given;
    } else {
        return invalid_field(field, "an import has no option \"" + field + "\"");
    }
    return Done{};
}

}  // namespace

Result<ImportRequest> parse_import(std::string_view options) {
    protocol::JsonDocument document;
    CARIOSAN_TRY_DONE(document.parse(options));
    const boost::json::object* object = document.root().if_object();
    if (object == nullptr) return invalid_field("options", "options must be a JSON object");
    ImportRequest request;
    for (const auto& member : *object) {
        CARIOSAN_TRY_DONE(read_import_member({member.key().data(), member.key().size()}, member.value(), request));
    }
    if (request.import.workspace.is_nil()) return invalid_field("workspace", "workspace is missing");
    if (request.import.source.empty()) return invalid_field("source", "source is missing");
    return request;
}

ImportTask::ImportTask(ImportRequest request, std::uint64_t number, Outputs& outputs)
    : request_(std::move(request)), number_(number), outputs_(outputs) {}

Result<std::shared_ptr<ImportTask>> ImportTask::make(ImportRequest request, std::uint64_t number, Outputs& outputs) {
    std::shared_ptr<ImportTask> task(new ImportTask(std::move(request), number, outputs));
    if (task->request_.import.path.empty()) {
        CARIOSAN_TRY(task->spool_, Spool::make(task->request_.folder));
    }
    return task;
}

Result<Done> ImportTask::push(std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    if (!spool_) return Error(ErrorCode::misuse, "this import reads a file");
    if (started_) return Error(ErrorCode::conflict, "this import has begun");
    return spool_->write(bytes);
}

Result<Done> ImportTask::start(Engine& engine, TicketRef ticket, std::function<void()> ended) {
    // Held until the thread is known: it waits for this before it says anything.
    const std::lock_guard lock(mutex_);
    if (started_) return Error(ErrorCode::conflict, "this import has begun");
    thread_ = std::thread([self = shared_from_this(), &engine, ended = std::move(ended)]() mutable {
        Result<std::string> result = self->run(engine);
        // The ticket is given back when its answer was polled.
        TicketRef mine;
        {
            const std::lock_guard own(self->mutex_);
            mine = std::move(self->ticket_);
        }
        ItemPtr item = result_item(mine->number(), std::move(result));
        item->handle = self->number_;
        Outputs& outputs = self->outputs_;
        outputs.push(ReadyOutput{std::move(item), std::move(mine), std::move(ended)});
    });
    ticket_ = std::move(ticket);
    started_ = true;
    return Done{};
}

bool ImportTask::started() {
    const std::lock_guard lock(mutex_);
    return started_;
}

void ImportTask::join() {
    std::thread running;
    {
        const std::lock_guard lock(mutex_);
        running.swap(thread_);
    }
    if (running.joinable()) running.join();
}

Result<std::string> ImportTask::run(Engine& engine) {
    try {
        ImportOptions options = request_.import;
        if (spool_) {
            options.descriptor = spool_->descriptor();
            options.path = "the lines that were handed in";
        }
        const ImportOutcome outcome = import_file(engine, options, *this);
        if (outcome.stopped) return early_end(outcome);
        return report(outcome);
    } catch (const std::exception&) {
        return Error(ErrorCode::internal, "the import ended for want of memory, or because of a fault of ours");
    }
}

std::string ImportTask::report(const ImportOutcome& outcome) {
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.boolean("complete", outcome.complete);
        write_counts(object, outcome.counts);
        protocol::write_array(object.key("problems"), problems_, [](std::string& to, const Problem& problem) {
            protocol::write_object(to, [&](protocol::ObjectWriter& each) {
                each.integer("line", problem.line);
                each.string("reason", problem.reason);
            });
        });
        protocol::write_array(object.key("troubles"), troubles_, [](std::string& to, const std::string& what) {
            protocol::append_json_string(to, what);
        });
    });
    return out;
}

void ImportTask::moved(const ImportProgress& progress) {
    {
        const std::lock_guard lock(mutex_);
        progress_ = progress;
        if (std::exchange(progress_waits_, true)) return;
    }
    outputs_.push(LateOutput{[self = shared_from_this()] { return self->progress_item(); }});
}

ItemPtr ImportTask::progress_item() {
    const std::lock_guard lock(mutex_);
    progress_waits_ = false;
    if (!ticket_) return nullptr;  // its end is queued
    std::string out;
    protocol::write_object(out, [&](protocol::ObjectWriter& object) {
        object.string("stage", stage_name(progress_.stage));
        write_counts(object, progress_.counts);
        object.integer("position", progress_.position);
        object.integer("size", progress_.size);
    });
    ItemPtr item = data_item(CARIOSAN_ITEM_PROGRESS, number_, std::move(out));
    item->ticket = ticket_->number();
    return item;
}

void ImportTask::bad_line(std::int64_t number, const std::string& reason) {
    if (problems_.size() < request_.most_problems) problems_.push_back({number, reason});
}

void ImportTask::trouble(const std::string& what) {
    if (troubles_.size() < request_.most_problems) troubles_.push_back(what);
}

}  // namespace cariosan::capi
