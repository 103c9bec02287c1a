/// What each mutation does: one function per kind, in the file of its noun. Each first checks, in the order in which the errors
/// are promised (`cariosan/mutations.hpp`), and then writes.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

// workspaces.cpp
Result<Committed> decide(BatchRows& rows, const mutation::CreateWorkspace& create);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateWorkspace& update);
Result<Committed> decide(BatchRows& rows, const mutation::DeleteWorkspace& remove);
Result<Committed> decide(BatchRows& rows, const mutation::RotateSecret& rotate);
// users.cpp
Result<Committed> decide(BatchRows& rows, const mutation::UpsertUser& upsert);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateUser& update);
Result<Committed> decide(BatchRows& rows, const mutation::RecordLastSeen& record);
Result<Committed> decide(BatchRows& rows, const mutation::SuspendUser& suspend);
Result<Committed> decide(BatchRows& rows, const mutation::RestoreUser& restore);
Result<Committed> decide(BatchRows& rows, const mutation::DeleteUser& remove);
Result<Committed> decide(BatchRows& rows, const mutation::FinishDeletion& finish);
// blocks.cpp
Result<Committed> decide(BatchRows& rows, const mutation::BlockUser& request);
Result<Committed> decide(BatchRows& rows, const mutation::UnblockUser& request);
// channels.cpp
Result<Committed> decide(BatchRows& rows, const mutation::CreateChannel& create);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateChannel& update);
Result<Committed> decide(BatchRows& rows, const mutation::DeleteChannel& remove);
// members.cpp
Result<Committed> decide(BatchRows& rows, const mutation::AddMembers& add);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateMember& update);
Result<Committed> decide(BatchRows& rows, const mutation::RemoveMember& remove);
Result<Committed> decide(BatchRows& rows, const mutation::SetPreferences& set);
// messages/receipts.cpp
Result<Committed> decide(BatchRows& rows, const mutation::MoveReceipt& move);
Result<Committed> decide(BatchRows& rows, const mutation::MoveDelivered& move);
// messages/sends.cpp
Result<Committed> decide(BatchRows& rows, const mutation::SendMessage& send);
// messages/edits.cpp
Result<Committed> decide(BatchRows& rows, const mutation::EditMessage& edit);
Result<Committed> decide(BatchRows& rows, const mutation::DeleteMessage& remove);
Result<Committed> decide(BatchRows& rows, const mutation::ForgetErasedFiles& forget);
// messages/reactions.cpp
Result<Committed> decide(BatchRows& rows, const mutation::AddReaction& add);
Result<Committed> decide(BatchRows& rows, const mutation::RemoveReaction& remove);
// messages/pins.cpp
Result<Committed> decide(BatchRows& rows, const mutation::PinMessage& pin);
// reports.cpp
Result<Committed> decide(BatchRows& rows, const mutation::FileReport& report);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateReport& update);
// silences.cpp
Result<Committed> decide(BatchRows& rows, const mutation::SilenceUser& request);
Result<Committed> decide(BatchRows& rows, const mutation::UnsilenceUser& request);
// messages/refusals.cpp
Result<Committed> decide(BatchRows& rows, const mutation::RecordModeration& record);
// outbox/webhooks.cpp
Result<Committed> decide(BatchRows& rows, const mutation::CreateWebhook& create);
Result<Committed> decide(BatchRows& rows, const mutation::RotateWebhookSecret& rotate);
Result<Committed> decide(BatchRows& rows, const mutation::UpdateWebhook& update);
Result<Committed> decide(BatchRows& rows, const mutation::DeleteWebhook& remove);
Result<Committed> decide(BatchRows& rows, const mutation::PingWebhook& request);
Result<Committed> decide(BatchRows& rows, const mutation::RetryDelivery& request);
// outbox/deliveries.cpp
Result<Committed> decide(BatchRows& rows, const mutation::LeaseWebhooks& lease);
Result<Committed> decide(BatchRows& rows, const mutation::FinishDeliveries& finish);
// outbox/devices.cpp
Result<Committed> decide(BatchRows& rows, const mutation::RegisterDevice& request);
Result<Committed> decide(BatchRows& rows, const mutation::RemoveDevice& request);
// outbox/push_jobs.cpp
Result<Committed> decide(BatchRows& rows, const mutation::LeasePushJobs& lease);
Result<Committed> decide(BatchRows& rows, const mutation::FinishPushPart& finish);

}  // namespace cariosan::commit
