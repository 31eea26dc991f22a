/** One question at a time, answered by `ConfirmDialog`, which the app shows once. */
export interface Question {
  title: string;
  /** What happens, and what is lost. */
  body: string;
  /** The same, point by point, where one sentence is not enough. */
  points?: string[];
  action: string;
  cancel?: string;
  danger?: boolean;
}

class Confirmation {
  question = $state<Question | null>(null);
  private resolve: ((answer: boolean) => void) | null = null;

  ask(question: Question): Promise<boolean> {
    this.answer(false);
    this.question = question;
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  answer(answer: boolean): void {
    this.question = null;
    this.resolve?.(answer);
    this.resolve = null;
  }
}

export const confirmation = new Confirmation();

export function confirm(question: Question): Promise<boolean> {
  return confirmation.ask(question);
}
