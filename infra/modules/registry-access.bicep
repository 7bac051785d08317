metadata description = 'Lets the container app pull its image from a registry that is there already.'

import { roles } from 'roles.bicep'

@description('Name of the registry, in the resource group of this module.')
param name string

@description('Name of the identity that pulls, which is in another resource group.')
param pullerName string

@description('Object id of that identity.')
param pullerPrincipalId string

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' existing = {
  name: name
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, pullerName, roles.acrPull)
  scope: registry
  properties: {
    principalId: pullerPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
    description: 'Pulls the image of the GPU container app.'
  }
}
