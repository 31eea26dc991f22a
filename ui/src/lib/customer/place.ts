/** Where customers stand in the address. A user id may hold any characters, so it is always encoded. */
import { placeWith } from '$lib/shared/place';

export const CUSTOMERS_PLACE = '/customers';

export function customerPlace(userId: string): string {
  return `${CUSTOMERS_PLACE}/id/${encodeURIComponent(userId)}`;
}

/** The form of a new customer, with its user id typed already where that is known. */
export function newCustomerPlace(userId = ''): string {
  return placeWith(`${CUSTOMERS_PLACE}/new`, { user_id: userId });
}

/** The log of the runs for a customer. */
export function runsPlace(userId: string): string {
  return placeWith('/logs', { customer: userId });
}
