/* A bus within the process, written in C: what a host hands to cariosan_open_with. */
#ifndef CARIOSAN_TESTS_CONFORMANCE_C_BUS_H
#define CARIOSAN_TESTS_CONFORMANCE_C_BUS_H

#include <cariosan/cariosan_parts.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct c_exchange c_exchange;

/* Null without memory. */
c_exchange* c_exchange_make(void);
/* Frees it with all nodes, which must be stopped. */
void c_exchange_free(c_exchange* exchange);

/* One more node; its context is null without memory. */
cariosan_event_bus_part c_exchange_node(c_exchange* exchange);

#ifdef __cplusplus
}
#endif

#endif
