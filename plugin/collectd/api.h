// collectd's headers, fit for C++. Only .cc files of this folder include this,
// and only those that call the daemon.
#ifndef CPI_COLLECTD_API_H_
#define CPI_COLLECTD_API_H_

extern "C" {
#include <core/daemon/collectd.h>
// collectd.h comes first: the others rely on its types.
#include <core/daemon/configfile.h>
#include <core/daemon/globals.h>
#include <core/daemon/plugin.h>
#include <core/daemon/utils_time.h>
#include <core/utils/metadata/meta_data.h>
}

// Macros with the names of ordinary words.
#undef DEBUG
#undef ERROR
#undef INFO
#undef NOTICE
#undef WARNING

// The length is a configure option of the daemon and part of the layout of what
// is passed to it: a module built with another one would corrupt its memory.
static_assert(DATA_MAX_NAME_LEN == 128, "collectd built with other names");
static_assert(sizeof(value_list_t) == 2 * sizeof(void*) + 2 * sizeof(cdtime_t) +
                                          5UL * DATA_MAX_NAME_LEN +
                                          sizeof(void*));

#endif  // CPI_COLLECTD_API_H_
