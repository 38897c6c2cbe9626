import { afterAll, beforeAll, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { drawn, launch, visit, visitPage } from './browser';
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
const out = '/tmp/fe/run/';
it('shots', async () => {
  const v = await visit(browser, '#site=000000323', { viewport: { width: 1280, height: 900 } });
  await v.page.getByTestId('exposure').waitFor();
  await v.page.waitForTimeout(1500);
  await v.page.screenshot({ path: out + 's1.png' });
  await v.page.locator('aside').evaluate((e) => e.scrollTo(0, 620));
  await v.page.waitForTimeout(300);
  await v.page.screenshot({ path: out + 's2.png' });
  console.log(v.page.url(), await v.page.title(), v.complaints);
  await v.page.getByRole('button', { name: /^Tableau/ }).click();
  await drawn(v.page);
  await v.page.screenshot({ path: out + 's3.png' });
  await v.context.close();
  const p = await visit(browser, '#site=000000018', {
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  await p.page.getByTestId('exposure').waitFor();
  await p.page.getByRole('button', { name: 'Agrandir la fiche' }).click();
  await p.page.waitForTimeout(1200);
  await p.page.getByTestId('exposure').locator('summary').first().click();
  await p.page.screenshot({ path: out + 'p1.png' });
  await p.page.locator('aside').evaluate((e) => {
    e.style.height = '2600px';
    e.style.position = 'fixed';
    e.style.top = '0';
  });
  await p.page.setViewportSize({ width: 360, height: 2600 });
  for (const s of await p.page.locator('aside details summary').all()) await s.click();
  await p.page.waitForTimeout(1000);
  await p.page.screenshot({ path: out + 'p2.png' });
  await p.context.close();
  const st = await visitPage(browser, '#ws=stats', {
    as: null,
    viewport: { width: 1280, height: 900 },
  });
  await st.page.waitForTimeout(800);
  await st.page.screenshot({ path: out + 'st.png' });
  console.log(st.complaints);
});
