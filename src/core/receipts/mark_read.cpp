#include "core/receipts/move_cursor.hpp"

namespace cariosan::core {

Result<Plan> plan(const MarkRead& command, const Caller& caller, Context& context) {
    return plan_cursor(ReceiptKind::read, command, caller, context);
}

}  // namespace cariosan::core
