#include "support/fake_collectd.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

extern "C" {
#include <core/daemon/collectd.h>
// collectd.h comes first: the others rely on its types.
#include <core/daemon/configfile.h>
#include <core/daemon/globals.h>
#include <core/daemon/plugin.h>
#include <core/utils/metadata/meta_data.h>
}

struct meta_data_s {
  std::map<std::string, std::string> strings;
};

namespace cpi {

FakeCollectd& FakeCollectd::get() {
  static FakeCollectd daemon;
  return daemon;
}

std::vector<std::string> FakeCollectd::logged(int level) const {
  std::vector<std::string> lines;
  for (const Logged& line : log) {
    if (line.level == level) lines.push_back(line.text);
  }
  return lines;
}

namespace {

FakeCollectd& daemon() { return FakeCollectd::get(); }

std::string joined(const char* plugin, const char* instance, const char* type,
                   const char* type_instance) {
  return std::string(plugin) + "-" + instance + "/" + type + "-" +
         type_instance;
}

}  // namespace
}  // namespace cpi

using cpi::daemon;

extern "C" {

char* hostname_g = ::strdup("fakehost");

int plugin_register_complex_config(const char* /*type*/,
                                   int (*callback)(oconfig_item_t*)) {
  daemon().config = callback;
  return 0;
}

int plugin_register_init(const char* /*name*/, plugin_init_cb callback) {
  daemon().init = callback;
  return 0;
}

int plugin_register_read(const char* /*name*/, int (*callback)(void)) {
  daemon().read = callback;
  return 0;
}

int plugin_register_write(const char* /*name*/, plugin_write_cb callback,
                          user_data_t const* /*data*/) {
  daemon().write = callback;
  return 0;
}

int plugin_register_shutdown(const char* /*name*/,
                             plugin_shutdown_cb callback) {
  daemon().shutdown = callback;
  return 0;
}

int plugin_dispatch_values(value_list_t const* list) {
  cpi::FakeCollectd::Dispatched value;
  value.identifier = cpi::joined(list->plugin, list->plugin_instance,
                                 list->type, list->type_instance);
  if (std::strcmp(list->type, "perf") == 0) {
    value.number = list->values[0].derive;
  } else {
    value.number = list->values[0].gauge;
  }
  value.time = list->time;
  if (list->meta) value.meta = list->meta->strings;
  daemon().values.push_back(value);
  return 0;
}

int plugin_dispatch_notification(const notification_t* n) {
  cpi::FakeCollectd::Notified notified;
  notified.severity = n->severity;
  notified.time = n->time;
  notified.message = n->message;
  notified.identifier =
      std::string(n->host) + "/" +
      cpi::joined(n->plugin, n->plugin_instance, n->type, n->type_instance);
  for (const notification_meta_t* meta = n->meta; meta; meta = meta->next) {
    if (meta->type == NM_TYPE_DOUBLE) {
      notified.meta[meta->name] = meta->nm_value.nm_double;
    } else {
      notified.meta[meta->name] = std::string(meta->nm_value.nm_string);
    }
  }
  daemon().notifications.push_back(notified);
  return -1;  // what the real one says when nobody listens
}

static notification_meta_t* add_meta(notification_t* n, const char* name) {
  auto* meta = new notification_meta_t{};
  std::snprintf(meta->name, sizeof meta->name, "%s", name);
  meta->next = n->meta;
  n->meta = meta;
  ++daemon().live_meta;
  return meta;
}

int plugin_notification_meta_add_string(notification_t* n, const char* name,
                                        const char* value) {
  notification_meta_t* meta = add_meta(n, name);
  meta->type = NM_TYPE_STRING;
  meta->nm_value.nm_string = ::strdup(value);
  return 0;
}

int plugin_notification_meta_add_double(notification_t* n, const char* name,
                                        double value) {
  notification_meta_t* meta = add_meta(n, name);
  meta->type = NM_TYPE_DOUBLE;
  meta->nm_value.nm_double = value;
  return 0;
}

int plugin_notification_meta_free(notification_meta_t* meta) {
  while (meta) {
    notification_meta_t* next = meta->next;
    if (meta->type == NM_TYPE_STRING) {
      ::free(const_cast<char*>(meta->nm_value.nm_string));
    }
    delete meta;
    --daemon().live_meta;
    meta = next;
  }
  return 0;
}

void plugin_log(int level, const char* format, ...) {
  char line[1024];  // the real one cuts here too
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  daemon().log.push_back({level, line});
}

meta_data_t* meta_data_create(void) {
  ++daemon().live_meta;
  return new meta_data_s;
}

int meta_data_add_string(meta_data_t* meta, const char* key,
                         const char* value) {
  meta->strings[key] = value;
  return 0;
}

void meta_data_destroy(meta_data_t* meta) {
  --daemon().live_meta;
  delete meta;
}

const char* global_option_get(const char* option) {
  const bool known = std::strcmp(option, "BaseDir") == 0;
  return known && !daemon().base_dir.empty() ? daemon().base_dir.c_str()
                                             : nullptr;
}

cdtime_t plugin_get_interval(void) {
  return static_cast<cdtime_t>(daemon().interval_seconds * (1 << 30));
}

cdtime_t cdtime(void) { return daemon().now; }

int plugin_thread_create(pthread_t* thread, void* (*start_routine)(void*),
                         void* argument, char const* /*name*/) {
  if (daemon().thread_error != 0) return daemon().thread_error;
  ++daemon().threads_started;
  return pthread_create(thread, nullptr, start_routine, argument);
}

}  // extern "C"
