// The example in React Native, as somebody uses it whose phone is a browser: react-native-web draws it.

export const message = (page, text) => page.locator('[aria-label]:not([role])', { hasText: text }).last();
export const input = (page) => page.locator('textarea');

/** Chooses the language and who one is, as the example asks. */
export async function signIn(page, user, language) {
  await page.getByRole('button', { name: user }).waitFor();
  if (language === 'id') await page.getByRole('button', { name: 'Bahasa Indonesia' }).click();
  await page.getByRole('button', { name: user }).click();
}

export async function openChannel(page, name) {
  await page.getByRole('button', { name }).click();
  await input(page).waitFor();
}

export async function openMenu(page, text) {
  await message(page, text).click({ delay: 700 });
  await page.getByRole('dialog').waitFor();
}

/** On the page, or on a part of it. */
export const tap = (place, text) => place.getByRole('button').filter({ hasText: text }).click();

/** Whether a message is where one sees it: in the list, and wholly. */
export async function isInSight(page, text) {
  const row = message(page, text);
  const [box, below, above] = [(await row.count()) === 0 ? null : await row.boundingBox(), await input(page).boundingBox(), await page.getByRole('heading').first().boundingBox()];
  return box !== null && below !== null && above !== null && box.y >= above.y + above.height && box.y + box.height <= below.y;
}
