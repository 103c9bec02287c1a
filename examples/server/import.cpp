#include "import.hpp"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "import_line.hpp"
#include "import_places.hpp"
#include "import_report.hpp"
#include "import_survey.hpp"
#include "in_flight.hpp"
#include "line_reader.hpp"

namespace cariosan::server {

namespace {

constexpr std::size_t kMostInFlight = 512;

/// What became of one submitted line.
struct Answered {
    std::int64_t line = 0;
    bool reply = false;
    std::string reply_to;
    std::optional<Result<Outcome>> outcome;
};

/// The second pass. Answers come on the engine's callback thread and are put aside; everything else happens on the
/// thread of the command.
class MessagePass {
  public:
    MessagePass(Engine& engine, const ImportOptions& options, const ImportPlaces& places,
                ImportReport& report)
        : engine_(engine),
          backend_(Caller::backend(options.workspace)),
          source_(options.source),
          places_(places),
          report_(report) {}

    ~MessagePass() { in_flight_.wait_until_empty(); }
    MessagePass(const MessagePass&) = delete;
    MessagePass& operator=(const MessagePass&) = delete;

    void take(const LineReader::Line& line) {
        if (line.too_long) return report_.bad_line(line.number, "longer than 1 MiB");
        auto parsed = parse_import_line(line.text);
        if (const auto* fault = std::get_if<ImportFault>(&parsed))
            return report_.bad_line(line.number, fault->reason);
        submit(line.number, std::get<ImportLine>(std::move(parsed)));
        settle();
    }

    void finish() {
        in_flight_.wait_until_empty();
        settle();
    }

    /// The error after which nothing more can be imported.
    const std::optional<Error>& end() const noexcept { return end_; }

  private:
    void submit(std::int64_t number, ImportLine line) {
        // A file that grew between the passes may name someone new.
        const auto user = places_.users.find(line.user);
        const auto channel = places_.channels.find(line.channel);
        if (user == places_.users.end())
            return report_.bad_line(number, "the user was not in the file before");
        if (channel == places_.channels.end())
            return report_.bad_line(number, "the channel was not in the file before");
        if (!user->second.fault.empty()) return report_.bad_line(number, "user: " + user->second.fault);
        if (!channel->second.fault.empty())
            return report_.bad_line(number, "channel: " + channel->second.fault);

        ImportMessage command{
            .channel = channel->second.id.to_string(),
            .user = user->second.id.to_string(),
            .text = std::move(line.text),
            .at = line.at,
            .idempotency_key = import_key(source_, line.id ? *line.id : std::to_string(number))};
        if (line.reply_to) command.parent_key = import_key(source_, *line.reply_to);
        Answered answered{number, line.reply_to.has_value(), line.reply_to.value_or(""), std::nullopt};
        in_flight_.enter();
        engine_.submit_any(backend_, std::move(command),
                           [this, answered = std::move(answered)](Result<Outcome> outcome) mutable {
                               answered.outcome = std::move(outcome);
                               {
                                   const std::lock_guard lock(mutex_);
                                   answered_.push_back(std::move(answered));
                               }
                               in_flight_.leave();
                           });
    }

    void settle() {
        std::deque<Answered> answered;
        {
            const std::lock_guard lock(mutex_);
            answered.swap(answered_);
        }
        for (const Answered& item : answered) settle(item);
    }

    void settle(const Answered& item) {
        const Result<Outcome>& outcome = *item.outcome;
        if (outcome) {
            outcome->duplicate ? report_.already_there() : report_.imported(item.reply);
            return;
        }
        const Error& error = outcome.error();
        if (ends_import(error)) {
            if (!end_) end_ = error;
            return;
        }
        const ErrorDetail* field = error.detail("field");
        const bool about_parent = field != nullptr && field->value == decltype(field->value)("parent_key");
        report_.bad_line(item.line, about_parent
                                        ? "reply_to " + item.reply_to + " is no message of this channel"
                                        : error.message);
    }

    Engine& engine_;
    const Caller backend_;
    const std::string source_;
    const ImportPlaces& places_;
    ImportReport& report_;
    std::optional<Error> end_;
    std::mutex mutex_;
    std::deque<Answered> answered_;  ///< bounded by what may be in flight
    InFlight in_flight_{kMostInFlight};
};

/// Answers whether the file was read to its end and everything in it was taken or reported.
bool import_messages(Engine& engine, const ImportOptions& options, const ImportPlaces& places,
                     ImportReport& report, Console& console) {
    auto reader = LineReader::open(options.path, kMaxImportLineBytes);
    if (!reader) {
        console.tell(reader.error().message);
        return false;
    }
    MessagePass pass(engine, options, places, report);
    LineReader::Line line;
    auto status = LineReader::Status::end;
    while (!pass.end() && !console.cancelled()) {
        status = reader->next(line);
        if (status != LineReader::Status::line) break;
        if (line.text.empty() && !line.too_long) continue;
        pass.take(line);
        report.progress(reader->position(), reader->size());
    }
    pass.finish();
    if (pass.end()) {
        console.tell("stopped near line " + std::to_string(line.number) + ": " + pass.end()->message +
                     "; what was imported stays, run the same command again to go on");
        return false;
    }
    if (status == LineReader::Status::failed) console.tell("reading " + options.path + " failed");
    return status == LineReader::Status::end && !console.cancelled();
}

}  // namespace

bool import_file(Engine& engine, const ImportOptions& options, Console& console) {
    console.progress("reading " + options.path);
    auto survey = survey_import(options.path);
    if (!survey) {
        console.tell(survey.error().message);
        return false;
    }
    console.progress("making users and channels");
    auto places = make_import_places(engine, options.workspace, *survey, console);
    if (!places) {
        console.tell("stopped: " + places.error().message);
        return false;
    }
    ImportReport report(console, options.verbose);
    const bool complete = import_messages(engine, options, *places, report, console) &&
                          join_import_members(engine, options.workspace, *survey, *places, console);
    report.finish();
    return complete && report.bad_lines() == 0;
}

}  // namespace cariosan::server
