#include "core/receipts/move_cursor.hpp"

namespace cariosan::core {

Result<Plan> plan(const MarkDelivered& command, const Caller& caller, Context& context) {
    return plan_cursor(ReceiptKind::delivered, command, caller, context);
}

}  // namespace cariosan::core
