"""Chat-Rec: conversational recommendation as a Gymnasium environment.

Importing this package registers three environments, see ``IDS``. A process that has not imported it
does so through the id: ``gymnasium.make("chatrec_env:ChatRec/Items-v0")``. ``register_users`` adds user simulators of
one's own, ``register_reward_term`` and ``register_potential`` rewards.
"""

from chatrec_env.core.user_simulator import register_users
from chatrec_env.envs import IDS, register_envs
from chatrec_env.shaping.entries import register_potential, register_reward_term

__version__ = "0.1.0"
__all__ = [
    "IDS",
    "__version__",
    "register_envs",
    "register_potential",
    "register_reward_term",
    "register_users",
]

register_envs()
