// Draws every figure's chart from its data tables: what is seen and what is
// read are the same numbers. Columns say by data-role what they are for.
'use strict';
(() => {
  const number = (text) => {
    const value = parseFloat(text);
    return Number.isFinite(value) ? value : null;
  };
  // Asking for a style costs a layout, so each color is asked for once.
  const colors = new Map();
  function color(name) {
    if (!colors.has(name)) {
      colors.set(name, getComputedStyle(document.documentElement)
          .getPropertyValue(name).trim());
    }
    return colors.get(name);
  }

  // The rows of a table, each an object of its cells by role.
  function rowsOf(table) {
    const roles = [...table.tHead.rows[0].cells].map((th) => th.dataset.role);
    const cell = (row, role, i) => role === 'time' ?
        Date.parse(row.cells[i].firstElementChild.dateTime) :
        row.cells[i].textContent.trim();
    return [...table.tBodies[0].rows].map((row) => Object.fromEntries(
        roles.map((role, i) => [role, role && cell(row, role, i)])));
  }
  function heads(table, role) {
    return [...table.tHead.rows[0].cells]
        .filter((th) => th.dataset.role === role)
        .map((th) => th.textContent.trim());
  }

  // Axes.
  const grid = () => ({color: color('--rule')});
  const axis = (text, more) => ({
    title: {display: Boolean(text), text, color: color('--soft')},
    ticks: {color: color('--soft'), maxRotation: 0, ...(more && more.ticks)},
    grid: grid(),
    ...(more && more.scale),
  });
  // Ticks are the report's time zone's; a browser knows only its own.
  function timeAxis(figure) {
    const ticks = figure.dataset.ticks.split(';').filter(Boolean).map((tick) => {
      const space = tick.indexOf(' ');
      return {value: Number(tick.slice(0, space)), label: tick.slice(space + 1)};
    });
    const labels = new Map(ticks.map((tick) => [tick.value, tick.label]));
    return axis('', {
      ticks: {callback: (value) => labels.get(value), autoSkip: true},
      scale: {
        type: 'linear',
        min: Number(figure.dataset.from),
        max: Number(figure.dataset.to),
        afterBuildTicks: (scale) => {
          scale.ticks = ticks.map(({value}) => ({value}));
        },
      },
    });
  }
  const titled = (tables, key, title) => ({
    callbacks: {title: (items) => items.length ?
        title(items[0].dataset.rows[items[0].dataIndex]) : ''},
  });

  // A line over x; `marks`: the table of which it has one mark per row.
  const line = (label, rows, x, y, more) => ({
    type: 'line', label, rows, pointRadius: 0, borderWidth: 1.5,
    spanGaps: false,
    data: rows.map((row) => ({x: row[x], y: number(row[y])})),
    ...more,
  });
  // Between two lines of which the first comes first.
  const band = (rows, x, label) => [
    line('', rows, x, 'low', {borderWidth: 0}),
    line(label, rows, x, 'high',
         {borderWidth: 0, fill: '-1', backgroundColor: color('--band')}),
  ];
  const has = (rows, role) => rows.some((row) => number(row[role]) !== null);

  function timeline(figure, tables) {
    const rows = rowsOf(tables[0]);
    const name = (role) => heads(tables[0], role)[0];
    const harmed = (row) => row.incident !== '' || number(row.anomalies) > 0;
    const data = [
      ...band(rows, 'time', figure.dataset.band),
      line(name('expected'), rows, 'time', 'expected',
           {borderColor: color('--expected'), borderDash: [5, 4]}),
      line(name('highest'), rows, 'time', 'highest',
           {borderColor: color('--highest'), borderWidth: 0.75}),
      line(name('value'), rows, 'time', 'value', {
        marks: 0,
        borderColor: color('--value'),
        pointRadius: rows.map((row) => harmed(row) ? 4 : 1),
        pointStyle: rows.map((row) => harmed(row) ? 'triangle' : 'circle'),
        pointBackgroundColor: rows.map(
            (row) => color(harmed(row) ? '--harm' : '--value')),
        pointBorderColor: rows.map(
            (row) => color(harmed(row) ? '--harm' : '--value')),
      }),
      line(name('incident'), rows, 'time', '', {
        data: rows.map((row) => ({x: row.time, y: row.incident ? 1 : 0})),
        yAxisID: 'incident', stepped: true, borderWidth: 0, fill: 'start',
        backgroundColor: color('--incident'),
      }),
    ];
    const scales = {
      x: timeAxis(figure),
      y: axis(name('value'), {scale: {stack: 'all', stackWeight: 3, weight: 3}}),
      incident: {axis: 'y', display: false, min: 0, max: 1},
    };
    for (const role of ['latency', 'wait']) {
      if (!has(rows, role)) continue;
      data.push(line(name(role), rows, 'time', role,
                     {yAxisID: role, borderColor: color('--' + role)}));
      scales[role] = axis(name(role), {
        ticks: {maxTicksLimit: 4},
        scale: {axis: 'y', stack: 'all', stackWeight: 1, offset: true,
                beginAtZero: true},
      });
    }
    return {data: {datasets: data}, scales, tooltip: titled(
        tables, 'time', (row) => clock(tables[0], row))};
  }
  const clock = (table, row) => table.querySelector(
      `time[datetime="${new Date(row.time).toISOString().slice(0, 19)}Z"]`)
      .textContent;

  function clusters(figure, tables) {
    const rows = rowsOf(tables[0]);
    const recent = rowsOf(tables[1]);
    const name = (role) => heads(tables[0], role)[0];
    for (const row of [...rows, ...recent]) row.usage = number(row.usage);
    const most = Math.max(...rows.map((row) => number(row.weight)), 1);
    // Area by weight; smaller where they are many.
    const largest = Math.min(14, Math.max(4, 500 / rows.length));
    const anomaly = (row) => row.anomaly !== '';
    const data = [
      ...band(rows, 'usage', figure.dataset.band),
      line(name('expected'), rows, 'usage', 'expected',
           {borderColor: color('--expected'), borderDash: [5, 4]}),
    ];
    if (has(rows, 'line')) {
      data.push(line(name('line'), rows, 'usage', 'line',
                     {borderColor: color('--bar3'), borderWidth: 2}));
    }
    data.push({
      type: 'bubble', label: name('value'), rows, marks: 0,
      data: rows.map((row) => ({
        x: row.usage, y: number(row.value),
        r: Math.max(largest * Math.sqrt(number(row.weight) / most), 1),
      })),
      backgroundColor: color('--band'), borderColor: color('--value'),
    }, {
      type: 'scatter', label: tables[1].caption.textContent, rows: recent,
      marks: 1,
      data: recent.map((row) => ({x: row.usage, y: number(row.value)})),
      pointRadius: recent.map((row) => anomaly(row) ? 4 : 2),
      pointStyle: recent.map((row) => anomaly(row) ? 'triangle' : 'circle'),
      pointBackgroundColor: recent.map(
          (row) => color(anomaly(row) ? '--harm' : '--highest')),
      borderColor: color('--highest'),
      pointBorderColor: recent.map(
          (row) => color(anomaly(row) ? '--harm' : '--highest')),
    });
    return {
      data: {datasets: data},
      scales: {x: axis(name('usage'), {scale: {type: 'linear'}}),
               y: axis(heads(tables[1], 'value')[0])},
      tooltip: titled(tables, 'usage', (row) => row.usage + ' %'),
    };
  }

  // What tells containers apart is at the end of their names.
  function short(text) {
    const most = innerWidth < 500 ? 14 : 28;
    return text.length > most ? '…' + text.slice(1 - most) : text;
  }

  function suspects(figure, tables) {
    const rows = rowsOf(tables[0]);
    return {
      data: {
        labels: rows.map((row) => short(row.name)),
        datasets: [{
          type: 'bar', label: heads(tables[0], 'value')[0], rows, marks: 0,
          data: rows.map((row) => number(row.value)),
          backgroundColor: color('--value'), maxBarThickness: 22,
        }],
      },
      scales: {x: axis(heads(tables[0], 'value')[0],
                       {scale: {suggestedMin: 0, suggestedMax: 1}}),
               y: axis('')},
      options: {indexAxis: 'y'},
      tooltip: titled(tables, 'name', (row) => row.name),
    };
  }

  function steps(figure, tables) {
    const rows = rowsOf(tables[0]);
    const names = [...new Set(rows.map((row) => row.name))];
    const quota = heads(tables[0], 'after')[0];
    const data = names.map((container, i) => {
      const own = rows.filter((row) => row.name === container);
      return line(short(container), own, 'time', 'after', {
        marks: 0, stepped: true, pointRadius: 4,
        borderColor: color('--bar' + i % 6),
        pointBackgroundColor: color('--bar' + i % 6),
      });
    });
    data.push(line(heads(tables[0], 'deviation')[0], rows, 'time', 'deviation', {
      yAxisID: 'deviation', borderColor: color('--harm'), borderDash: [3, 3],
      pointStyle: 'triangle', pointRadius: 4,
    }));
    return {
      data: {datasets: data},
      scales: {
        x: timeAxis(figure),
        y: axis(quota, {scale: {beginAtZero: true}}),
        deviation: axis('σ', {scale: {axis: 'y', position: 'right',
                                      grid: {display: false},
                                      beginAtZero: true}}),
      },
      tooltip: titled(tables, 'time', (row) => clock(tables[0], row)),
    };
  }

  function days(figure, tables) {
    const table = tables[0];
    const rows = [...table.tBodies[0].rows].map(
        (row) => [...row.cells].map((td) => td.textContent.trim()));
    const columns = [...table.tHead.rows[0].cells];
    const data = [];
    columns.forEach((th, i) => {
      const minutes = th.dataset.role === 'minutes';
      if (th.dataset.role !== 'bar' && !minutes) return;
      data.push({
        type: minutes ? 'line' : 'bar',
        label: th.textContent.trim(), marks: data.length ? undefined : 0,
        data: rows.map((row) => number(row[i])),
        yAxisID: minutes ? 'minutes' : 'y',
        backgroundColor: color('--bar' + data.length),
        borderColor: color('--bar' + data.length),
        stack: minutes ? 'minutes' : 'actions', pointRadius: 2,
      });
    });
    return {
      data: {labels: rows.map((row) => row[0]), datasets: data},
      scales: {
        x: axis('', {scale: {stacked: true}}),
        y: axis('', {ticks: {precision: 0},
                     scale: {stacked: true, beginAtZero: true,
                             suggestedMax: 4}}),
        minutes: axis(data[data.length - 1].label, {
          scale: {axis: 'y', position: 'right', beginAtZero: true,
                  suggestedMax: 10, grid: {display: false}},
        }),
      },
      tooltip: {},
    };
  }

  const kinds = {timeline, clusters, suspects, steps, days};

  function draw(figure) {
    const canvas = figure.querySelector('canvas');
    const old = Chart.getChart(canvas);
    if (old) old.destroy();
    const tables = [...figure.querySelectorAll('table')];
    const made = kinds[figure.dataset.chart](figure, tables);
    new Chart(canvas, {
      data: made.data,
      options: {
        animation: false, responsive: true, maintainAspectRatio: false,
        normalized: true,
        interaction: {mode: 'nearest', axis: 'x', intersect: false},
        scales: made.scales,
        plugins: {
          tooltip: made.tooltip,
          legend: {
            position: 'bottom',
            labels: {
              color: color('--ink'), boxWidth: 18, boxHeight: 8,
              filter: (item) => item.text !== '',
            },
          },
        },
        ...made.options,
      },
    });
    figure.dataset.drawn = 'yes';
  }

  const figures = [...document.querySelectorAll('figure[data-chart]')];
  function redraw() {
    colors.clear();
    figures.filter((figure) => figure.dataset.drawn).forEach(draw);
  }

  // Only what comes into sight is drawn, so that many services cost no time.
  const sight = new IntersectionObserver((entries) => {
    for (const {isIntersecting, target} of entries) {
      if (!isIntersecting) continue;
      sight.unobserve(target);
      draw(target);
    }
  }, {rootMargin: '300px'});
  figures.forEach((figure) => sight.observe(figure));

  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  // On paper everything, in ink.
  const root = document.documentElement;
  addEventListener('beforeprint', () => {
    root.classList.add('print');
    colors.clear();
    figures.forEach(draw);
  });
  addEventListener('afterprint', () => {
    root.classList.remove('print');
    redraw();
  });
})();
