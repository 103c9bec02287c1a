/// The use cases: what each command of `cariosan/commands.hpp` means. One file each; no I/O, JSON or threads of their own. The
/// caller (the engine) gives them a `Context` whose reader is inside one snapshot.
#pragma once

#include <cariosan/attachments.hpp>
#include <cariosan/commands.hpp>
#include <cariosan/crypto.hpp>
#include <cariosan/error.hpp>
#include <cariosan/limits.hpp>
#include <cariosan/storage.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/id_generator.hpp"
#include "core/messages/send_charge.hpp"
#include "core/cache/plan_cache.hpp"
#include "core/rates/rate_limiter.hpp"
#include "core/text/metadata_check.hpp"
#include "core/users/presence_lookup.hpp"

namespace cariosan::core {

namespace moderation {
class FloodCounter;
class FloodPlace;
class RuleCache;
}  // namespace moderation

/// What a use case works with. Lives as long as one command; everything in it is borrowed.
struct Context {
    Reader& reader;  ///< inside one snapshot; never used while something is planned `at_once`
    const Limits& limits;
    RateLimiter& rates;
    IdGenerator& ids;
    Crypto& crypto;
    MetadataCheck& metadata;
    const PresenceLookup& presence;
    moderation::RuleCache& rules;
    moderation::FloodCounter& floods;
    AttachmentStore* attachments = nullptr;  ///< absent: not configured
    std::span<const std::string> attachment_types;
    Timestamp now;                        ///< `Clock::now()`
    std::chrono::milliseconds elapsed{};  ///< `Clock::elapsed()`
    std::string_view epoch;               ///< `Storage::epoch()`
    bool push = false;                    ///< messages are pushed
    /// Where look-ups are cached for sends and imports; null: nowhere.
    PlanCache* cache = nullptr;
    PlanCache::Ticket ticket{};  ///< of `cache`, from before the snapshot
    /// Plans a send or an import from `cache` alone. A name missing there, or a refusal, is an error.
    bool at_once = false;
};

/// A write on its way to the queue.
struct PlannedMutation {
    Mutation mutation{};
    /// What the answer needs besides the committed result: an API secret in clear, or data from the snapshot. Kept until
    /// `answer` is called. If absent, the answer is the committed object.
    std::optional<Answer> prepared{};
    /// The answer after the commit of a refusal's records.
    std::optional<Error> refusal{};
    /// The place the flood rule gave a send: kept by `answer`, given back if `answer` is never called. Null if there is none.
    std::shared_ptr<moderation::FloodPlace> flood{};
    /// The token of a send planned at once: kept by `answer`, given back if nothing was stored. Null if there is none.
    std::shared_ptr<SendCharge> charge{};
};

/// A write is planned from a snapshot: either it is answered immediately (a known idempotency key, nothing to change) or it
/// becomes one mutation.
using Plan = std::variant<Outcome, PlannedMutation>;

inline Plan answered(Answer answer, std::int64_t rev = 0) {
    return Outcome{.answer = std::move(answer), .rev = rev};
}
inline Plan planned(Mutation mutation, std::optional<Answer> prepared = std::nullopt) {
    return PlannedMutation{.mutation = std::move(mutation), .prepared = std::move(prepared), .refusal = {}};
}

template <class C>
inline constexpr bool is_write = IsAlternative<
    C, std::variant<CreateWorkspace, DeleteWorkspace, RotateSecret, UpdateWorkspace, UpsertUser, UpdateUser,
                    CreateChannel, DeleteChannel, UpdateChannel, AddMembers, UpdateMember, RemoveMember,
                    SendMessage, UpdateMyChannel, LeaveChannel, MarkRead, MarkDelivered, MarkAllDelivered, ImportMessage,
                    EditMessage, DeleteMessage, AddReaction, RemoveReaction, SilenceUser, UnsilenceUser,
                    BlockUser, UnblockUser, DeleteUser, CreateWebhook, UpdateWebhook, DeleteWebhook,
                    RetryDelivery, PingWebhook, RegisterDevice, RemoveDevice, RotateWebhookSecret, SuspendUser, RestoreUser, PinMessage,
                    UnpinMessage, ReportMessage, ReportUser, UpdateReport>>::value;

/// Whether the command is one of the writes below.
bool writes(const Command& command) noexcept;

/// Charges the rate of a command before it waits for a reader, if that needs no storage: for callers known by id, and any
/// command but a send. True if charged: the use case must not charge it again.
Result<bool> take_rate(const Command& command, const Caller& caller, RateLimiter& rates,
                       std::chrono::milliseconds elapsed);

/// Runs a command as far as a snapshot allows. A read is always answered immediately.
Result<Plan> plan(const Command& command, const Caller& caller, Context& context);

/// Whether the command may be planned from what `Context::cache` knows: it is a send or an import.
bool fits_cache(const Command& command) noexcept;

/// Plans a command that `fits_cache` without storage, from what `context.cache` knows. Absent if a reader must plan it, because a
/// name is unknown or it would be refused, and no refusal may precede the look-up of its idempotency key.
std::optional<PlannedMutation> plan_at_once(const Command& command, const Caller& caller, Context context);

/// The answer to a command whose mutation was committed. `planned` is its plan, without the mutation.
Result<Outcome> answer(PlannedMutation planned, Committed&& committed);

// Writes.
Result<Plan> plan(const CreateWorkspace&, const Caller&, Context&);
Result<Plan> plan(const DeleteWorkspace&, const Caller&, Context&);
Result<Plan> plan(const RotateSecret&, const Caller&, Context&);
Result<Plan> plan(const UpdateWorkspace&, const Caller&, Context&);
Result<Plan> plan(const UpsertUser&, const Caller&, Context&);
Result<Plan> plan(const UpdateUser&, const Caller&, Context&);
Result<Plan> plan(const CreateChannel&, const Caller&, Context&);
Result<Plan> plan(const DeleteChannel&, const Caller&, Context&);
Result<Plan> plan(const UpdateChannel&, const Caller&, Context&);
Result<Plan> plan(const AddMembers&, const Caller&, Context&);
Result<Plan> plan(const UpdateMember&, const Caller&, Context&);
Result<Plan> plan(const RemoveMember&, const Caller&, Context&);
Result<Plan> plan(const SendMessage&, const Caller&, Context&);
Result<Plan> plan(const UpdateMyChannel&, const Caller&, Context&);
Result<Plan> plan(const LeaveChannel&, const Caller&, Context&);
Result<Plan> plan(const MarkRead&, const Caller&, Context&);
Result<Plan> plan(const MarkDelivered&, const Caller&, Context&);
Result<Plan> plan(const MarkAllDelivered&, const Caller&, Context&);
Result<Plan> plan(const ImportMessage&, const Caller&, Context&);
Result<Plan> plan(const EditMessage&, const Caller&, Context&);
Result<Plan> plan(const DeleteMessage&, const Caller&, Context&);
Result<Plan> plan(const AddReaction&, const Caller&, Context&);
Result<Plan> plan(const RemoveReaction&, const Caller&, Context&);
Result<Plan> plan(const SilenceUser&, const Caller&, Context&);
Result<Plan> plan(const UnsilenceUser&, const Caller&, Context&);
Result<Plan> plan(const BlockUser&, const Caller&, Context&);
Result<Plan> plan(const UnblockUser&, const Caller&, Context&);
Result<Plan> plan(const DeleteUser&, const Caller&, Context&);
Result<Plan> plan(const CreateWebhook&, const Caller&, Context&);
Result<Plan> plan(const RotateWebhookSecret&, const Caller&, Context&);
Result<Plan> plan(const UpdateWebhook&, const Caller&, Context&);
Result<Plan> plan(const DeleteWebhook&, const Caller&, Context&);
Result<Plan> plan(const RetryDelivery&, const Caller&, Context&);
Result<Plan> plan(const PingWebhook&, const Caller&, Context&);
Result<Plan> plan(const RegisterDevice&, const Caller&, Context&);
Result<Plan> plan(const RemoveDevice&, const Caller&, Context&);
Result<Plan> plan(const SuspendUser&, const Caller&, Context&);
Result<Plan> plan(const RestoreUser&, const Caller&, Context&);
Result<Plan> plan(const PinMessage&, const Caller&, Context&);
Result<Plan> plan(const UnpinMessage&, const Caller&, Context&);
Result<Plan> plan(const ReportMessage&, const Caller&, Context&);
Result<Plan> plan(const ReportUser&, const Caller&, Context&);
Result<Plan> plan(const UpdateReport&, const Caller&, Context&);

// Reads.
Result<Outcome> read(const ListWorkspaces&, const Caller&, Context&);
Result<Outcome> read(const VerifyApiKey&, const Caller&, Context&);
Result<Outcome> read(const GetWorkspace&, const Caller&, Context&);
Result<Outcome> read(const GetUser&, const Caller&, Context&);
Result<Outcome> read(const ListUsers&, const Caller&, Context&);
Result<Outcome> read(const ListChannels&, const Caller&, Context&);
Result<Outcome> read(const GetChannel&, const Caller&, Context&);
Result<Outcome> read(const ListMembers&, const Caller&, Context&);
Result<Outcome> read(const ListReceipts&, const Caller&, Context&);
Result<Outcome> read(const ListMessages&, const Caller&, Context&);
Result<Outcome> read(const GetMe&, const Caller&, Context&);
Result<Outcome> read(const ListMyChannels&, const Caller&, Context&);
Result<Outcome> read(const GetMyChannel&, const Caller&, Context&);
Result<Outcome> read(const GetPreferences&, const Caller&, Context&);
Result<Outcome> read(const GetChanges&, const Caller&, Context&);
Result<Outcome> read(const Sync&, const Caller&, Context&);
Result<Outcome> read(const SearchMessages&, const Caller&, Context&);
Result<Outcome> read(const ListSilences&, const Caller&, Context&);
Result<Outcome> read(const ListBlocks&, const Caller&, Context&);
Result<Outcome> read(const GetPresence&, const Caller&, Context&);
Result<Outcome> read(const ExportUser&, const Caller&, Context&);
Result<Outcome> read(const ListModerationActions&, const Caller&, Context&);
Result<Outcome> read(const ListWebhooks&, const Caller&, Context&);
Result<Outcome> read(const GetWebhook&, const Caller&, Context&);
Result<Outcome> read(const ListDeliveries&, const Caller&, Context&);
Result<Outcome> read(const PresignUpload&, const Caller&, Context&);
Result<Outcome> read(const ListDevices&, const Caller&, Context&);
Result<Outcome> read(const GetMessage&, const Caller&, Context&);
Result<Outcome> read(const ListReactions&, const Caller&, Context&);
Result<Outcome> read(const ListPins&, const Caller&, Context&);
Result<Outcome> read(const ListReports&, const Caller&, Context&);
Result<Outcome> read(const GetFigures&, const Caller&, Context&);
Result<Outcome> read(const CheckText&, const Caller&, Context&);

}  // namespace cariosan::core
