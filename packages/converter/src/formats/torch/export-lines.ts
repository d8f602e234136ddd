/** What a user can do with a whole module, which only PyTorch can read. */
export const nextStepForModules = nextStep('model');

/** The same for a learner of fastai, which holds its model. */
export const nextStepForFastai = nextStep('learn.model');

/** What a user can do with a quantised net. */
export const nextStepForQuantised =
  'take the net as it was before torch.ao.quantization.convert(..)';

/** What a user can do with a model whose net is a program of PyTorch. */
export const nextStepForTorchScript =
  "in Python: model = torch.jit.load('model.pt').eval(); torch.onnx.export(model, example, 'model.onnx', dynamo=False), or, for a net of torchvision or timm, torch.save(model.state_dict(), 'weights.pth')";

function nextStep(model: string): string {
  return `in Python: torch.onnx.export(${model}.eval(), example, 'model.onnx'), or, for a net of torchvision or timm, its weights alone: torch.save(${model}.state_dict(), 'weights.pth')`;
}
