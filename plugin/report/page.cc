#include "report/page.h"

#include <kainjow/mustache.hpp>

#include <string_view>

#include "report/assets.h"
#include "report/utf8.h"

namespace cpi {
namespace {

using kainjow::mustache::data;
using kainjow::mustache::list;
using kainjow::mustache::mustache;
using kainjow::mustache::object;

std::string text(std::string_view view) { return std::string(view); }

data cells_of(const Row& row) {
  list cells;
  for (std::size_t i = 1; i < row.cells.size(); ++i) {
    cells.push_back(valid_utf8(row.cells[i]));
  }
  return data(std::move(cells));
}

data rows_of(const Table& table, const std::string& link) {
  list rows;
  for (const Row& row : table.rows) {
    data item;
    item.set("name", valid_utf8(row.cells.front()));
    if (row.time_ms) item.set("utc", Zone::utc(*row.time_ms));
    if (!link.empty()) item.set("link", link + std::to_string(rows.size()));
    item.set("cells", cells_of(row));
    rows.push_back(std::move(item));
  }
  return data(std::move(rows));
}

data columns_of(const Table& table) {
  list columns;
  for (const Column& column : table.columns) {
    columns.push_back(object{{"name", column.name}, {"role", column.role}});
  }
  return data(std::move(columns));
}

// "1700000000000 08:00;…"
std::string ticks_of(const Figure& figure) {
  std::string all;
  for (const TimeTick& tick : figure.ticks) {
    all += std::to_string(tick.time_ms) + " " + tick.label + ";";
  }
  return all;
}

// `link`: what the rows' names lead to, a position appended; empty: nothing.
data figure_data(const Figure& figure, const std::string& id,
                 const Words& words, const std::string& link = {}) {
  list tables;
  for (const Table& table : figure.tables) {
    data item;
    item.set("caption", valid_utf8(table.caption));
    item.set("more", say(words.table, table.rows.size()));
    item.set("columns", columns_of(table));
    item.set("rows", rows_of(table, link));
    item.set("open", figure.kind.empty());
    tables.push_back(std::move(item));
  }
  data result;
  result.set("id", id);
  result.set("title", figure.title);
  result.set("summary", valid_utf8(figure.summary));
  result.set("kind", figure.kind);
  result.set("from", std::to_string(figure.from_ms));
  result.set("to", std::to_string(figure.to_ms));
  result.set("ticks", ticks_of(figure));
  result.set("band", words.band);
  result.set("drawn", !figure.kind.empty() && !figure.tables.empty());
  result.set("tables", data(std::move(tables)));
  return result;
}

data incidents_data(const ServiceStory& service, const Setting& setting,
                    const std::string& id) {
  const IncidentPanels all = incident_panels(service, setting);
  list panels;
  for (const IncidentPanel& panel : all.panels) {
    const std::string name = id + "-i" + std::to_string(panels.size());
    data item;
    item.set("title", valid_utf8(panel.title));
    item.set("summary", valid_utf8(panel.summary));
    item.set("suspects",
             figure_data(panel.suspects, name + "-who", setting.words));
    item.set("steps", figure_data(panel.steps, name + "-what", setting.words));
    panels.push_back(std::move(item));
  }
  data result;
  if (!all.summary.empty()) result.set("remark", all.summary);
  result.set("panels", data(std::move(panels)));
  return result;
}

data service_data(const Story& story, std::size_t position,
                  const Setting& setting) {
  const ServiceStory& service = story.services[position];
  const std::string id = "s" + std::to_string(position);
  list remarks;
  for (const std::string& remark : service.history.remarks) {
    remarks.push_back(valid_utf8(remark));
  }
  data result;
  result.set("id", id);
  result.set("name", valid_utf8(service.history.service));
  result.set("remarks", data(std::move(remarks)));
  result.set("timeline", figure_data(timeline_panel(story, service, setting),
                                     id + "-time", setting.words));
  result.set("clusters", figure_data(clusters_panel(story, service, setting),
                                     id + "-clusters", setting.words));
  result.set("incidents", incidents_data(service, setting, id));
  return result;
}

data frame_of(const Story& story, const Setting& setting) {
  const auto& [words, zone] = setting;
  data page;
  page.set("lang", words.code);
  page.set("title", say(words.title, valid_utf8(story.subject)));
  page.set("period", say(words.period, zone.time(story.from_ms),
                         zone.time(story.to_ms), zone.name()));
  page.set("made", say(words.made, zone.time(story.made_ms)));
  page.set("skip", words.skip);
  page.set("happened", words.happened);
  page.set("no_script", words.printed);
  page.set("licences", words.licences);
  page.set("style", text(assets::kStyle));
  page.set("script", text(assets::kScript));
  page.set("chart", text(assets::kChart));
  page.set("chart_licence", text(assets::kChartLicence));
  if (story.services.empty()) page.set("nothing", words.no_services);
  return page;
}

}  // namespace

Result<std::string> page_of(const Story& story, const Setting& setting,
                            const std::string& nonce,
                            const std::function<void(double)>& progress) {
  data page = frame_of(story, setting);
  page.set("nonce", nonce);
  page.set("figure",
           kainjow::mustache::partial([] { return text(assets::kFigure); }));
  list remarks;
  for (const auto& remark : story.remarks) {
    remarks.push_back(valid_utf8(remark));
  }
  page.set("remarks", data(std::move(remarks)));
  page.set("trust", figure_data(trust_panel(story, setting), "trust",
                                setting.words, "#s"));
  page.set("days",
           figure_data(days_panel(story, setting), "days", setting.words));
  list services;
  for (std::size_t i = 0; i < story.services.size(); ++i) {
    services.push_back(service_data(story, i, setting));
    progress(static_cast<double>(i + 1) /
             static_cast<double>(story.services.size() + 1));
  }
  page.set("services", data(std::move(services)));
  mustache view(text(assets::kTemplate));
  std::string html = view.render(page);
  progress(1);
  if (!view.is_valid()) {
    return fail(0, "the page's template: " + view.error_message());
  }
  return html;
}

}  // namespace cpi
