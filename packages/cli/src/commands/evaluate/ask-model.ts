import { prepareText, viewSession, type Model } from '@gradcam/core';

/** A model whose question is fixed, so that it takes a picture alone. */
export interface AskedModel {
  readonly model: Model;
  /** One line for each thing that the model does not read as the question has it. */
  readonly notes: readonly string[];
  /** Frees the view; the model behind it stays open. */
  release(): void;
}

/**
 * A model that answers questions, as the model of one of them: every pass gets the tokens of the question, so
 * that methods and metrics change the picture alone.
 *
 * @throws GradcamError `argument` for a question that the model cannot read.
 */
export function askModel(model: Model, question: string): AskedModel {
  const { inputs, notes } = prepareText(model, { question })!;
  const { session, release } = viewSession(model.session, { inputs });
  const network = { ...model.network, inputs: session.network.inputs };
  const asked: { -readonly [Name in keyof Model]: Model[Name] } = { ...model, network, session };
  // The text is in the session from here on.
  delete asked.text;
  return { model: asked, notes, release };
}
