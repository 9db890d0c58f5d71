"""Room of the chapter synthesis/adversarial-diffusion-differentiable."""
