metadata description = 'The vault: the key for Eachlabs, and the hashes of callers\' keys. The function app refers to them by name.'

import { roles } from 'roles.bicep'

@description('The region.')
param location string

@description('Tags of every resource.')
param tags object

@description('The vault\'s name.')
@minLength(3)
@maxLength(24)
param name string

@description('Name of the identity that reads the secrets.')
param readerName string

@description('Whether there is a key for Eachlabs. The key itself must not decide: it is not known when the deployment is looked at beforehand.')
param hasEachlabsKey bool

@description('The key for Eachlabs.')
@secure()
param eachlabsKey string

@description('Hashes of callers\' keys by name.')
param keys object

resource reader 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: readerName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 7
    publicNetworkAccess: 'Enabled'
  }

  resource eachlabs 'secrets' = if (hasEachlabsKey) {
    name: 'eachlabs-api-key'
    tags: tags
    properties: {
      contentType: 'Leyden__Eachlabs__ApiKey'
      value: eachlabsKey
    }
  }

  resource callers 'secrets' = [
    for key in items(keys): {
      name: 'key-${key.key}'
      tags: tags
      properties: {
        contentType: 'Leyden__Keys__${key.key}'
        value: key.value
      }
    }
  ]
}

resource read 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, reader.id, roles.keyVaultSecretsUser)
  scope: vault
  properties: {
    principalId: reader.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.keyVaultSecretsUser)
    description: 'The app\'s settings refer to secrets of this vault; it writes none.'
  }
}
