// Opens reports in a real, headless Chromium, as tests/run --web made them:
// REPORTS holds en.html, zh.html (24 h of 20 services) and empty.html;
// screenshots for people to look at go to SHOTS.
import assert from 'node:assert/strict';
import {readFileSync, statSync} from 'node:fs';
import {createRequire} from 'node:module';
import {after, before, test} from 'node:test';

import {chromium} from 'playwright-core';

const require = createRequire(import.meta.url);
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const {REPORTS, SHOTS, CHROMIUM = '/usr/bin/chromium'} = process.env;
let browser;

before(async () => {
  browser = await chromium.launch(
      {executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu']});
});
after(() => browser.close());

// A page with everything that went wrong in it.
async function open(name, options = {}) {
  const context = await browser.newContext(
      {viewport: {width: 1200, height: 900}, bypassCSP: options.bypassCSP,
       colorScheme: options.scheme ?? 'light',
       javaScriptEnabled: options.script ?? true});
  const page = await context.newPage();
  if (options.width) await page.setViewportSize({width: options.width, height: 800});
  page.wrong = [];
  page.requests = [];
  page.on('console', (message) => page.wrong.push(message.text()));
  page.on('pageerror', (error) => page.wrong.push(error.stack));
  page.on('request', (request) => page.requests.push(request.url()));
  await page.goto(`file://${REPORTS}/${name}.html`);
  return page;
}

// Draws every chart at once, as for paper.
async function drawAll(page) {
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  return page.locator('figure[data-chart]').count();
}

// Leaves the first services: the others are like them.
async function keep(page, services) {
  await page.evaluate((count) => [...document.querySelectorAll('section')]
      .slice(count).forEach((section) => section.remove()), services);
}

// Brings every chart into sight, as somebody who reads it all would.
async function scrollThrough(page) {
  for (const chart of await page.locator('figure[data-chart]').all()) {
    await chart.scrollIntoViewIfNeeded();
    await chart.and(page.locator('[data-drawn]')).waitFor();
  }
}

for (const name of ['en', 'zh', 'empty']) {
  test(`${name}: no console message, and no request leaves the file`, async () => {
    const page = await open(name);
    await drawAll(page);
    assert.deepEqual(page.wrong, []);
    assert.deepEqual(page.requests, [`file://${REPORTS}/${name}.html`]);
    await page.context().close();
  });
}

test('every chart has as many marks as its tables have rows', async () => {
  const page = await open('en');
  const charts = await drawAll(page);
  const counted = await page.evaluate(() => [...document.querySelectorAll(
      'figure[data-chart]')].map((figure) => {
    const chart = Chart.getChart(figure.querySelector('canvas'));
    return [...figure.querySelectorAll('table')].map((table, i) => {
      const rows = table.tBodies[0].rows.length;
      let marks = 0;
      chart.data.datasets.forEach((dataset, d) => {
        if (dataset.marks === i) marks += chart.getDatasetMeta(d).data.length;
      });
      return {id: figure.id, rows, marks};
    });
  }).flat());
  // Two charts and an incident with two for each of 20 services; the days.
  assert.equal(charts, 20 * 4 + 1);
  assert.equal(counted.length, 20 * 5 + 1);
  for (const {id, rows, marks} of counted) {
    assert.ok(rows > 0, id);
    assert.equal(marks, rows, id);
  }
  await page.context().close();
});

test('what is drawn is what the table says', async () => {
  const page = await open('en');
  await keep(page, 1);
  await scrollThrough(page);
  const [drawn, written] = await page.evaluate(() => {
    const figure = document.querySelector('[data-chart=timeline]');
    const chart = Chart.getChart(figure.querySelector('canvas'));
    const line = chart.data.datasets.find((set) => set.marks === 0);
    return [line.data.map(({x, y}) => `${new Date(x).toISOString()} ${y}`),
      [...figure.querySelectorAll('tbody tr')].map((row) => {
        const time = row.querySelector('time').getAttribute('datetime');
        return `${time.replace('Z', '.000Z')} ${Number(row.cells[2].textContent)}`;
      })];
  });
  assert.deepEqual(drawn, written);
  await page.context().close();
});

test('an incident is marked on the time axis', async () => {
  const page = await open('en');
  await keep(page, 1);
  await scrollThrough(page);
  const styles = await page.evaluate(() => {
    const canvas = document.querySelector('[data-chart=timeline] canvas');
    const chart = Chart.getChart(canvas);
    const line = chart.data.datasets.find((set) => set.marks === 0);
    const incident =
        chart.data.datasets.find((set) => set.yAxisID === 'incident');
    return {triangles: line.pointStyle.filter((s) => s === 'triangle').length,
            shaded: incident.data.filter(({y}) => y === 1).length};
  });
  assert.ok(styles.triangles >= styles.shaded);
  assert.ok(styles.shaded >= 6 && styles.shaded < 20, String(styles.shaded));
  await page.context().close();
});

test('latency and CPU wait have axes of their own, and are on them', async () => {
  const page = await open('en');
  await keep(page, 1);
  await scrollThrough(page);
  const places = await page.evaluate(() => {
    const canvas = document.querySelector('[data-chart=timeline] canvas');
    const chart = Chart.getChart(canvas);
    return ['latency', 'wait', 'incident'].map((id) => {
      const i = chart.data.datasets.findIndex((set) => set.yAxisID === id);
      const {yScale, data} = chart.getDatasetMeta(i);
      const heights = new Set(data.map((point) => Math.round(point.y)));
      return {id, axis: yScale.id, vertical: yScale.axis,
              inside: data.every(({y}) => y >= yScale.top - 1 &&
                                          y <= yScale.bottom + 1),
              heights: heights.size};
    });
  });
  for (const {id, axis, vertical, inside, heights} of places) {
    assert.equal(axis, id);
    assert.equal(vertical, 'y', id);
    assert.ok(inside, id);
    assert.ok(heights > 1, id);
  }
  await page.context().close();
});

test('names from outside are text and nothing else', async () => {
  const page = await open('en');
  await drawAll(page);
  assert.match(await page.title(), /CPI report/);
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.locator('script').count(), 2);
  assert.ok(await page.getByRole('heading', {name: '<img src=x onerror='})
                .count() === 1);
  assert.doesNotMatch(await page.content(), /\u202e/);
  await page.context().close();
});

for (const [name, scheme] of [['en', 'light'], ['en', 'dark'], ['zh', 'light']]) {
  test(`axe finds nothing serious: ${name}, ${scheme}`, async () => {
    const page = await open(name, {scheme, bypassCSP: true});
    await keep(page, 2);
    await scrollThrough(page);
    await page.evaluate(() => document.querySelectorAll('details').forEach(
        (details) => { details.open = true; }));
    await page.addScriptTag({content: axe});
    const {violations} = await page.evaluate(() => axe.run(
        document, {resultTypes: ['violations']}));
    const found = violations.map(({impact, id, nodes}) =>
      `${impact} ${id} ${nodes[0].target} ${nodes[0].failureSummary}`);
    console.log(`axe, ${name} ${scheme}: ${found.length} violations`);
    assert.deepEqual(found, []);
    await page.context().close();
  });
}

test('all can be reached by the keyboard', async () => {
  const page = await open('empty');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.className),
               'skip');
  await page.context().close();
  const full = await open('en');
  const link = full.locator('#trust a').nth(2);
  await link.focus();
  await full.keyboard.press('Enter');
  assert.match(full.url(), /#s2$/);
  // From there the next stop is the service's first table.
  await full.keyboard.press('Tab');
  await full.keyboard.press('Enter');
  assert.equal(await full.evaluate(
      () => document.querySelector('#s2-time details').open), true);
  await full.context().close();
});

for (const width of [400, 1200]) {
  test(`nothing is cut off at ${width} px`, async () => {
    const page = await open('en', {width});
    await page.locator('#s0').scrollIntoViewIfNeeded();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `${wide} px`);
    await page.context().close();
  });
}

test('nothing is cut off on A4', async () => {
  const width = 690;  // 210 mm less two margins of 14 mm
  const page = await open('en', {width});
  await keep(page, 1);
  await page.emulateMedia({media: 'print'});
  await drawAll(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${wide} px`);
  await page.context().close();
});

test('without scripts the tables still tell everything', async () => {
  const page = await open('en', {script: false});
  assert.ok(await page.locator('tbody tr').count() > 20 * 300);
  assert.match(await page.locator('noscript').first().innerText(), /JavaScript/);
  await page.context().close();
});

test('it prints on A4, charts included', async () => {
  const page = await open('empty');
  const nothing = await page.pdf({format: 'A4'});
  await page.context().close();
  const full = await open('en');
  await keep(full, 1);
  const pdf = await full.pdf({path: `${SHOTS}/report.pdf`, format: 'A4'});
  assert.ok(pdf.length > nothing.length + 50_000);
  assert.equal(await full.locator('#s0 figure[data-chart]:not([data-drawn])')
                   .count(), 0);
  await full.context().close();
});

test('small, and soon interactive', async () => {
  const bytes = statSync(`${REPORTS}/en.html`).size;
  const page = await open('en');
  await page.locator('#days[data-drawn]').waitFor();
  const ready = await page.evaluate(() => performance.now());
  const {domInteractive, domComplete} = await page.evaluate(
      () => performance.getEntriesByType('navigation')[0].toJSON());
  console.log(`size ${(bytes / 2 ** 20).toFixed(2)} MiB; ` +
    `DOM interactive after ${domInteractive.toFixed()} ms, complete after ` +
    `${domComplete.toFixed()} ms, first chart before ${ready.toFixed()} ms`);
  assert.ok(bytes <= 8 * 2 ** 20);
  await page.context().close();
});

for (const [name, scheme, width] of [
  ['en', 'light', 1200], ['en', 'dark', 1200], ['zh', 'light', 1200],
  ['en', 'light', 400], ['zh', 'dark', 400]]) {
  test(`screenshot ${name} ${scheme} ${width}`, async () => {
    const page = await open(name, {scheme, width});
    await keep(page, 1);
    await scrollThrough(page);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot(
        {path: `${SHOTS}/${name}-${scheme}-${width}.png`, fullPage: true});
    await page.context().close();
  });
}
