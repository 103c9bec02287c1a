/// What webhooks are sent of a change, stored with the change.
#pragma once

#include "core/commit/batch_rows.hpp"

namespace cariosan::commit {

/// Stores a delivery of each event of a mutation for each webhook subscribed to it. Costs one look-up if there is none.
void write_outbox(BatchRows& rows, const Mutation& mutation, Committed& done);
/// Stores a delivery for one webhook, whether it wants such events or not.
Delivery deliver_to(BatchRows& rows, RowId webhook, OutboxEvent event);

}  // namespace cariosan::commit
