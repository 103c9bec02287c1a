/// The webhook events of a change, stored with the change.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// Stores a delivery of each event of a mutation for each webhook subscribed to it. Costs one look-up if there are none.
void write_outbox(BatchRows& rows, const Mutation& mutation, Committed& done);
/// Whether an enabled webhook can have another pending delivery, counting those of this batch.
bool has_room(BatchRows& rows, WorkspaceId workspace, RowId webhook);
/// Stores a delivery for one webhook, whether or not it subscribes to the event.
Delivery deliver_to(BatchRows& rows, RowId webhook, OutboxEvent event);

}  // namespace cariosan::commit
