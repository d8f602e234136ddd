/** What a user can do with a whole module, which only PyTorch can read. */
export const nextStepForModules =
  "in Python, save the weights alone: torch.save(model.state_dict(), 'weights.pth')";

/** What a user can do with a model whose net is a program of PyTorch. */
export const nextStepForTorchScript =
  "in Python: model = torch.jit.load('model.pt').eval(); torch.onnx.export(model, example, 'model.onnx', dynamo=False), or, for a net of torchvision or timm, torch.save(model.state_dict(), 'weights.pth')";
